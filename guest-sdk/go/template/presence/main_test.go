package main

import (
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/guest-sdk/go/roomcasttest"
)

func TestChangesAreToldTogether(t *testing.T) {
	hub := roomcasttest.Start(t, main)
	ada, err := hub.Connect("/sse?name=Ada")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := hub.Message(ada, `{"state": "away"}`); err != nil {
		t.Fatal(err)
	}
	hub.Received(ada)
	hub.Advance(250 * time.Millisecond)
	if got := hub.Received(ada); len(got) != 1 || !strings.Contains(got[0].Data, `"name":"Ada","state":"away"`) {
		t.Errorf("got %v", got)
	}
	if _, err := hub.Connect("/sse"); err == nil {
		t.Error("a client without a name is accepted")
	}
}
