package main

import (
	"testing"

	"github.com/roomcast/roomcast/guest-sdk/go/roomcasttest"
)

func TestAMessageReachesAllClients(t *testing.T) {
	hub := roomcasttest.Start(t, main)
	ada, err := hub.Connect("/sse?name=Ada")
	if err != nil {
		t.Fatal(err)
	}
	hub.Received(ada)
	if _, err := hub.Message(ada, "hi"); err != nil {
		t.Fatal(err)
	}
	if got := hub.Received(ada)[0].Data; got != "Ada: hi" {
		t.Errorf("got %q", got)
	}
	if _, err := hub.Connect("/sse"); err == nil {
		t.Error("a client without a name is accepted")
	}
}
