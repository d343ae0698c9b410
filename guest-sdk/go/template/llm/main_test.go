package main

import (
	"testing"

	"github.com/roomcast/roomcast/guest-sdk/go/roomcasttest"
)

func TestAnAnswerComesInPieces(t *testing.T) {
	hub, err := roomcasttest.StartWith(t, main, map[string]string{"upstream": "http://127.0.0.1:9000/", "model": "parrot"})
	if err != nil {
		t.Fatal(err)
	}
	ada, err := hub.Connect("/sse")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := hub.Message(ada, `{"type": "ask", "prompt": "hi"}`); err != nil {
		t.Fatal(err)
	}
	token := ada.String()
	hub.FetchResponse(token, 200)
	hub.FetchChunk(token, `data: {"choices": [{"delta": {"con`)
	hub.FetchChunk(token, "tent\": \"hi\"}}]}\n\ndata: [DONE]\n\n")
	hub.FetchEnd(token, nil)
	got := hub.Received(ada)
	if len(got) != 2 || got[0].Data != `{"text":"hi"}` || got[1].Name != "done" {
		t.Errorf("got %v", got)
	}
}
