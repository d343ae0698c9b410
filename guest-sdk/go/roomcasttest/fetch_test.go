package roomcasttest_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/guest-sdk/go/roomcast"
	"github.com/roomcast/roomcast/guest-sdk/go/roomcasttest"
)

// asking is a plugin that asks for every message, and notes in calls what comes of it.
func asking(calls *[]string) func() {
	note := func(format string, values ...any) { *calls = append(*calls, fmt.Sprintf(format, values...)) }
	return func() {
		roomcast.OnMessage(func(c roomcast.Connection, _ *roomcast.Request, body roomcast.Body) (*roomcast.Response, error) {
			_, err := roomcast.FetchRequest{
				URL: "https://api.example.org/chat", Method: "POST", Headers: []roomcast.Header{{Name: "Accept", Value: "text/event-stream"}},
				Body: body, Connection: c, Timeout: 1500 * time.Microsecond,
			}.Start(body.String())
			return nil, err
		})
		roomcast.OnFetchResponse(func(token string, status int, headers []roomcast.Header) { note("%s %d %v", token, status, headers) })
		roomcast.OnFetchChunk(func(token string, chunk roomcast.Body) { note("%s %s", token, chunk) })
		roomcast.OnFetchEnd(func(token string, err error) { note("%s ends: %v", token, err) })
	}
}

func ask(t *testing.T, hub *roomcasttest.Hub, c roomcast.Connection, tokens ...string) {
	t.Helper()
	for _, token := range tokens {
		if _, err := hub.Message(c, token); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAFetchIsAnsweredInChunks(t *testing.T) {
	var calls []string
	hub := roomcasttest.Start(t, asking(&calls))
	ada, _ := hub.Connect("/sse")
	ask(t, hub, ada, "one", "two")
	equal(t, hub.Fetches()[0], roomcasttest.Fetch{Token: "one", Request: roomcast.FetchRequest{
		URL: "https://api.example.org/chat", Method: "POST", Headers: []roomcast.Header{{Name: "accept", Value: "text/event-stream"}},
		Body: roomcast.Body("one"), Connection: ada, Timeout: 2 * time.Millisecond,
	}})
	hub.FetchResponse("one", 200, "Content-Type", "text/plain")
	hub.FetchChunk("one", "ж")
	equal(t, hub.Reload(), nil)
	hub.FetchChunk("one", "\xff")
	hub.FetchEnd("one", nil)
	hub.FetchEnd("two", &roomcast.Error{Kind: roomcast.LimitExceeded, Name: "a.limit", Reason: "too long"})
	equal(t, len(hub.Fetches()), 0)
	equal(t, calls, []string{
		"one 200 [{content-type text/plain}]", "one ж", "one \uFFFD", "one ends: <nil>", "two ends: `a.limit`: too long",
	})
}

func TestAFetchEndsWithItsConnectionAndItsInstance(t *testing.T) {
	var calls []string
	hub := roomcasttest.Start(t, asking(&calls))
	ada, _ := hub.Connect("/sse")
	ask(t, hub, ada, "hers")
	ask(t, hub, roomcast.Connection{}, "no stream's")
	hub.Disconnect(ada, roomcast.ClientClosed)
	equal(t, hub.Crash(), nil)
	equal(t, calls, []string{"hers ends: " + roomcast.ErrConnectionClosed.Error(), "no stream's ends: " + roomcast.ErrInterrupted.Error()})
}

func TestACancelledFetchIsSilent(t *testing.T) {
	hub := roomcasttest.Start(t, asking(new([]string)))
	fetch, err := roomcast.FetchRequest{URL: "http://localhost/"}.Start("x")
	equal(t, err, nil)
	equal(t, []any{hub.Fetches()[0].Request.Method, fetch.Cancel(), fetch.Cancel(), len(hub.Fetches())}, []any{"GET", true, false, 0})
}

func TestAFetchIsRefusedWithReasons(t *testing.T) {
	hub := roomcasttest.Start(t, asking(new([]string)))
	gone, _ := hub.Connect("/sse")
	hub.Disconnect(gone, roomcast.ClientClosed)
	good := roomcast.FetchRequest{URL: "http://localhost/"}
	for name, change := range map[string]func(*roomcast.FetchRequest){
		"request.url":        func(r *roomcast.FetchRequest) { r.URL = "localhost" },
		"request.headers":    func(r *roomcast.FetchRequest) { r.Headers = []roomcast.Header{{Name: "Content-Length", Value: "1"}} },
		"request.timeout-ms": func(r *roomcast.FetchRequest) { r.Timeout = -time.Second },
		"":                   func(r *roomcast.FetchRequest) { r.Connection = gone },
	} {
		request := good
		change(&request)
		_, err := request.Start("x")
		var refused *roomcast.Error
		if !errors.As(err, &refused) || refused.Name != name {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := good.Start(strings.Repeat("x", 1025)); !errors.Is(err, roomcast.ErrInvalidArgument) {
		t.Error(err)
	}
}

func TestAFetchNeedsAHook(t *testing.T) {
	roomcasttest.Start(t, answering(nil))
	if _, err := (roomcast.FetchRequest{URL: "http://localhost/"}).Start("x"); err == nil || !strings.Contains(err.Error(), "OnFetchChunk") {
		t.Error(err)
	}
}
