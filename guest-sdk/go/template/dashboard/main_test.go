package main

import (
	"testing"
	"time"

	"github.com/roomcast/roomcast/guest-sdk/go/roomcast"
	"github.com/roomcast/roomcast/guest-sdk/go/roomcasttest"
)

func TestTheLatestValueIsSent(t *testing.T) {
	hub := roomcasttest.Start(t, main)
	ada, err := hub.Connect("/sse")
	if err != nil {
		t.Fatal(err)
	}
	hub.Received(ada)
	for _, data := range []string{`{"cpu": 1}`, `{"cpu": 2}`} {
		if _, err := hub.Publish("numbers", roomcast.Event{Data: data}); err != nil {
			t.Fatal(err)
		}
	}
	hub.Advance(100 * time.Millisecond)
	if got := hub.Received(ada); len(got) != 1 || got[0].Data != `{"cpu":2}` {
		t.Errorf("got %v", got)
	}
}
