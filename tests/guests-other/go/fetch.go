package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"github.com/roomcast/roomcast/guest-sdk/go/roomcast"
)

// fetchCall runs a command if it is one that fetches.
func fetchCall(op string, c command, sender roomcast.Connection) (object, error) {
	switch op {
	case "fetch-start":
		token, err := c.text("token")
		if err != nil {
			return nil, err
		}
		request, err := fetchOf(c, sender)
		if err != nil {
			return nil, err
		}
		return result(request.Start(token)), nil
	case "fetch-cancel":
		fetch, err := required[uint64](c, "fetch")
		return object{"ok": roomcast.Fetch(fetch).Cancel()}, err
	}
	return nil, nil
}

func fetchOf(c command, sender roomcast.Connection) (r roomcast.FetchRequest, err error) {
	if r.URL, err = c.text("url"); err != nil {
		return r, err
	}
	r.Method, _ = c.optionalText("method")
	if milliseconds, ok := optional[uint32](c, "timeout_ms"); ok {
		r.Timeout = time.Duration(milliseconds) * time.Millisecond
	}
	switch target, ok := c.optionalText("for"); {
	case target == "sender" && sender.IsZero():
		return r, fmt.Errorf("there is no sender")
	case target == "sender":
		r.Connection = sender
	case ok:
		if r.Connection, err = roomcast.ParseConnection(target); err != nil {
			return r, err
		}
	}
	r.Body = []byte(c.repeated("body"))
	if encoded, ok := c.optionalText("base64"); ok {
		if r.Body, err = base64.StdEncoding.DecodeString(encoded); err != nil {
			return r, err
		}
	}
	r.Headers, err = headersOf(c)
	return r, err
}

// wish is what a token says beyond its name, if it is a JSON object.
type wish struct {
	Quiet   bool                `json:"quiet"`
	Relay   roomcast.Connection `json:"relay"`
	OnChunk command             `json:"on_chunk"`
}

func wishOf(token string) (w wish) {
	if json.Unmarshal([]byte(token), &w) != nil {
		return wish{}
	}
	return w
}

func onResponse(token string, status int, headers []roomcast.Header) {
	note(object{"hook": "on-response", "token": token, "status": status, "headers": headersAsJSON(headers)})
}

func onChunk(token string, chunk roomcast.Body) {
	w := wishOf(token)
	if w.Quiet {
		note(object{"hook": "on-chunk", "token": token, "length": len(chunk)})
	} else {
		note(object{"hook": "on-chunk", "token": token, "chunk": bodyAsJSON(chunk)})
	}
	if text, err := chunk.Text(); err == nil && !w.Relay.IsZero() {
		relay(w.Relay, "chunk", text)
	}
	if w.OnChunk != nil {
		note(object{"result": outcome(w.OnChunk, roomcast.Connection{})})
	}
}

func onEnd(token string, err error) {
	said := done(err)
	if w := wishOf(token); !w.Relay.IsZero() {
		relay(w.Relay, "end", encode(said))
	}
	note(object{"hook": "on-end", "token": token, "outcome": said})
}

func relay(c roomcast.Connection, name, data string) {
	if err := c.Send(roomcast.Event{Name: name, Data: data}); err != nil {
		note(object{"result": done(err)})
	}
}
