package roomcasttest_test

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/roomcast/roomcast/guest-sdk/go/keyvalue"
	"github.com/roomcast/roomcast/guest-sdk/go/roomcast"
	"github.com/roomcast/roomcast/guest-sdk/go/roomcasttest"
)

// cafe is Latin-1, as a client may send it.
const cafe = "caf\xe9"

func TestBytesThatAreNotTextGoOutAsText(t *testing.T) {
	want := "caf\uFFFD"
	var tag string
	main := func() {
		roomcast.OnConnect(func(c roomcast.Connection, r *roomcast.Request) error {
			if r.Query() != "" {
				return roomcast.BadRequest(cafe).WithHeader("x-a", cafe)
			}
			return c.SetTag(cafe)
		})
		roomcast.OnMessage(func(c roomcast.Connection, r *roomcast.Request, body roomcast.Body) (*roomcast.Response, error) {
			text := string(body)
			sent := errors.Join(c.Send(roomcast.Event{Data: text, Name: text}), c.Comment(text), c.Join(text), keyvalue.Set(text, body))
			if _, err := roomcast.Broadcast(text, roomcast.Event{Data: text}); err != nil || sent != nil {
				return nil, errors.Join(err, sent)
			}
			tag, _ = c.Tag()
			slog.Info(text, "name", text)
			if _, err := roomcast.After(1, text); err != nil {
				return nil, err
			}
			return nil, errors.New(text)
		})
		roomcast.OnJoin(func(roomcast.Connection, string) error { return errors.New(cafe) })
		roomcast.OnPublish(func(_ string, e *roomcast.Event, _ roomcast.Origin) error { e.Data = cafe; return nil })
		roomcast.OnTimer(func(token string) { slog.Info("timer " + token) })
	}
	hub := roomcasttest.Start(t, main)
	_, err := hub.Connect("/sse?no")
	var rejection *roomcast.Rejection
	if !errors.As(err, &rejection) || rejection.Body != want || rejection.Headers[0].Value != want {
		t.Errorf("the rejection is %+v", rejection)
	}
	ada, err := hub.Connect("/sse")
	equal(t, err, nil)
	_, err = hub.Message(ada, cafe)
	equal(t, err, roomcast.BadRequest(want))
	equal(t, tag, want)
	equal(t, hub.Received(ada), []roomcast.Event{{Data: want, Name: want}, {Data: want}})
	equal(t, hub.Comments(ada), []string{want})
	equal(t, hub.Join(ada, "tea"), roomcast.BadRequest(want))
	_, err = hub.Publish(want, roomcast.Event{Data: "x"})
	equal(t, err, nil)
	equal(t, hub.Received(ada), []roomcast.Event{{Data: want}})
	hub.Advance(1_000_000)
	for _, record := range hub.Logs() {
		if !utf8.ValidString(record.Message) || !strings.Contains(record.Message, want) {
			t.Errorf("the log says %q", record.Message)
		}
	}
}

func TestAPanicCostsTheCallAndNotTheState(t *testing.T) {
	votes := 0
	var nowhere *struct{ votes int }
	main := func() {
		roomcast.OnConnect(func(_ roomcast.Connection, r *roomcast.Request) error {
			votes += len(strings.Split(r.Query(), "=")[1])
			return nil
		})
		roomcast.OnMessage(func(_ roomcast.Connection, _ *roomcast.Request, body roomcast.Body) (*roomcast.Response, error) {
			votes += map[byte]int{'1': 1}[body[0]]
			return roomcast.OK(strings.Repeat("I", votes)), nil
		})
		roomcast.OnJoin(func(roomcast.Connection, string) error { panic("join " + cafe) })
		roomcast.OnPublish(func(string, *roomcast.Event, roomcast.Origin) error { panic("publish") })
		roomcast.OnLeave(func(roomcast.Connection, string) { panic("leave") })
		roomcast.OnDisconnect(func(roomcast.Connection, roomcast.DisconnectReason) { nowhere.votes++ })
		roomcast.OnTimer(func(token string) { panic(errors.New(token)) })
	}
	hub := roomcasttest.Start(t, main)
	if _, err := hub.Connect("/sse"); !strings.Contains(err.Error(), "status 500") {
		t.Error(err)
	}
	ada, err := hub.Connect("/sse?=")
	equal(t, err, nil)
	failed := roomcast.Reject(500, "the plugin has failed")
	response, err := hub.Message(ada, "1")
	equal(t, []any{response, err}, []any{roomcast.OK("I"), nil})
	_, err = hub.Message(ada, "")
	equal(t, err, failed)
	equal(t, hub.Join(ada, "tea"), failed)
	_, err = hub.Publish("tea", roomcast.Event{Data: "x"})
	equal(t, err, failed)
	_, err = roomcast.After(1, "tick")
	equal(t, err, nil)
	hub.Advance(1_000_000)
	hub.Disconnect(ada, roomcast.ClientClosed)
	equal(t, votes, 1)
	var log strings.Builder
	for _, record := range hub.Logs() {
		log.WriteString(record.Message + "\n")
	}
	for _, want := range []string{"OnConnect: runtime error: index", "OnMessage: runtime error: index", "OnJoin: join caf\uFFFD", "OnPublish: publish", "OnTimer: tick", "OnLeave: leave", "OnDisconnect: runtime error: invalid memory"} {
		if !strings.Contains(log.String(), "panic in "+want) {
			t.Errorf("the log does not say %q:\n%s", want, &log)
		}
	}
}
