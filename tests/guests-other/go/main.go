// The remote control of ../../guests/probe, by way of the SDK for Go: every hook is exported and written down, every
// function of the host can be called by a command, and answers come in the shapes that the probe in Rust gives them.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/roomcast/roomcast/guest-sdk/go/config"
	"github.com/roomcast/roomcast/guest-sdk/go/roomcast"
)

// journal has every call of a hook so far.
var journal = []any{}

func note(call object) {
	journal = append(journal, call)
}

func main() {
	roomcast.OnInit(func() error {
		note(object{"hook": "init"})
		return obey("init_error")
	})
	roomcast.OnConnect(onConnect)
	roomcast.OnDisconnect(onDisconnect)
	roomcast.OnJoin(func(c roomcast.Connection, room string) error {
		note(object{"hook": "on-join", "connection": c, "room": room})
		if strings.HasPrefix(room, "private") {
			return refusal(room, "is private")
		}
		return nil
	})
	roomcast.OnLeave(func(c roomcast.Connection, room string) {
		note(object{"hook": "on-leave", "connection": c, "room": room})
	})
	roomcast.OnPublish(onPublish)
	roomcast.OnMessage(onMessage)
	roomcast.OnTimer(onTimer)
	roomcast.OnFetchResponse(onResponse)
	roomcast.OnFetchChunk(onChunk)
	roomcast.OnFetchEnd(onEnd)
	roomcast.OnSave(func() ([]byte, error) {
		if err := obey("save_error"); err != nil {
			return nil, err
		}
		note(object{"hook": "save"})
		return json.Marshal(journal)
	})
	roomcast.OnRestore(onRestore)
}

// refusal refuses what has to do with a room, with the status that its name ends with.
func refusal(room, why string) error {
	status := 403
	if _, text, ok := strings.Cut(room, ":"); ok {
		status, _ = strconv.Atoi(text)
	}
	return roomcast.Reject(status, room+" "+why).WithHeader("x-room", room)
}

// obey fails with a text that the operator has set.
func obey(setting string) error {
	text, ok, err := config.Get(setting)
	if ok {
		return errors.New(text)
	}
	return err
}

// isForAnother tells whether something with this address is for another probe.
func isForAnother(to string) bool {
	name, ok, _ := config.Get("name")
	return ok && to != name
}

// onDisconnect writes down, too, what can still be done with the connection.
func onDisconnect(c roomcast.Connection, reason roomcast.DisconnectReason) {
	tag, tagErr := c.Tag()
	rooms, roomsErr := c.Rooms()
	note(object{
		"hook": "on-disconnect", "connection": c, "reason": reason.String(), "is-open": c.IsOpen(),
		"tag": result(filled(tag), tagErr), "rooms": result(list(rooms), roomsErr),
		"send": done(c.Send(roomcast.Event{Data: "late"})),
	})
}

func onPublish(room string, e *roomcast.Event, from roomcast.Origin) error {
	kind := map[roomcast.OriginKind]string{roomcast.OriginAPI: "api", roomcast.OriginOther: "other"}[from.Kind]
	note(object{"hook": "on-publish", "room": room, "event": eventAsJSON(*e), "origin": object{kind: from.From}})
	switch {
	case strings.HasPrefix(room, "refused"):
		return refusal(room, "takes no events")
	case strings.HasPrefix(room, "rewritten"):
		e.Data = strings.ToUpper(e.Data)
	}
	return nil
}

func onMessage(c roomcast.Connection, r *roomcast.Request, body roomcast.Body) (*roomcast.Response, error) {
	request := requestAsJSON(r)
	note(object{"hook": "on-message", "connection": filled(c.String()), "request": request, "body": bodyAsJSON(body)})
	if r.Query() == "echo" {
		return &roomcast.Response{Status: 200, Body: body}, nil
	}
	command, err := read(body)
	if err != nil {
		return nil, fmt.Errorf("a command is JSON: %w", err)
	}
	if to, ok := command.optionalText("to"); ok && isForAnother(to) {
		return roomcast.Pass(), nil
	}
	op, _ := command.optionalText("op")
	switch op {
	case "fail":
		text, _ := command.optionalText("text")
		return nil, errors.New(text)
	case "reject":
		return nil, reject(command)
	case "pass":
		return roomcast.Pass(), nil
	case "respond":
		return respond(command)
	case "echo-request":
		return answer(object{"ok": request}), nil
	}
	result, err := run(command, c)
	if err != nil {
		return nil, err
	}
	return answer(result), nil
}

func onTimer(token string) {
	note(object{"hook": "on-timer", "token": token})
	if command, err := read([]byte(token)); err == nil {
		note(object{"result": outcome(command, roomcast.Connection{})})
	}
}

func onRestore(state []byte) error {
	if err := obey("restore_error"); err != nil {
		return err
	}
	var calls []any
	if err := json.Unmarshal(state, &calls); err != nil {
		return fmt.Errorf("not a journal: %w", err)
	}
	journal = append([]any{}, calls...)
	note(object{"hook": "restore"})
	return nil
}
