package main

import (
	"testing"

	"github.com/roomcast/roomcast/guest-sdk/go/roomcast"
	"github.com/roomcast/roomcast/guest-sdk/go/roomcasttest"
)

func TestTheBoardOutlivesAReload(t *testing.T) {
	hub := roomcasttest.Start(t, main)
	for _, message := range []string{`{"type": "add", "text": "Tea"}`, `{"type": "vote", "id": 1}`} {
		if _, err := hub.Message(roomcast.Connection{}, message); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := hub.Message(roomcast.Connection{}, `{"type": "vote", "id": 2}`); err == nil {
		t.Error("a card that is not there gets a vote")
	}
	if err := hub.Reload(); err != nil {
		t.Fatal(err)
	}
	ada, err := hub.Connect("/sse")
	if err != nil {
		t.Fatal(err)
	}
	if got := hub.Received(ada)[0].Data; got != `[{"id":1,"text":"Tea","votes":1}]` {
		t.Errorf("got %s", got)
	}
}
