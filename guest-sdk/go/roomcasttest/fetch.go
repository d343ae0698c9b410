package roomcasttest

import (
	"errors"
	"slices"
	"time"

	events "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_fetch_events"
	types "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_types"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/hooks"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/host"
	wit "github.com/roomcast/roomcast/guest-sdk/go/internal/wit/types"
	"github.com/roomcast/roomcast/guest-sdk/go/roomcast"
)

// Fetch is a fetch in flight. The test answers it, as the server would.
type Fetch struct {
	Token   string
	Request roomcast.FetchRequest
}

type fetch struct {
	id    uint64
	token string
	asked host.Fetch
}

// Fetches returns the fetches in flight, in the order of their starts. Every destination is granted.
func (h *Hub) Fetches() []Fetch {
	var all []Fetch
	for _, one := range h.fetches {
		all = append(all, Fetch{one.token, roomcast.FetchRequest{
			Method: one.asked.Method, URL: one.asked.URL, Headers: readHeaders(one.asked.Headers), Body: one.asked.Body,
			Connection: roomcast.Connection(one.asked.Connection.SomeOr(host.ID{})),
			Timeout:    time.Duration(one.asked.TimeoutMs.SomeOr(0)) * time.Millisecond,
		}})
	}
	return all
}

// FetchResponse delivers the head of the answer to the fetch with this token. Headers are names and values in turn.
func (h *Hub) FetchResponse(token string, status int, headers ...string) {
	h.t.Helper()
	h.mustFetch(token)
	if handle := hooks.Plugin.Response; handle != nil {
		handle(token, uint16(status), pairs(headers))
	}
	h.settle()
}

// FetchChunk delivers a chunk of the answer. The host never splits a character of UTF-8.
func (h *Hub) FetchChunk(token, chunk string) {
	h.t.Helper()
	h.mustFetch(token)
	if handle := hooks.Plugin.Chunk; handle != nil {
		handle(token, []byte(chunk))
	}
	h.settle()
}

// FetchEnd ends a fetch: complete if err is nil, otherwise failed, for example with [roomcast.ErrUnreachable].
func (h *Hub) FetchEnd(token string, err error) {
	h.t.Helper()
	h.mustFetch(token)
	ended := false
	h.dropFetch(func(one *fetch) bool {
		first := one.token == token && !ended
		ended = ended || first
		return first
	})
	h.tellEnd(token, err)
	h.settle()
}

func (h *Hub) mustFetch(token string) {
	h.t.Helper()
	if !slices.ContainsFunc(h.fetches, func(one *fetch) bool { return one.token == token }) {
		h.t.Fatalf("no fetch with token %q is in flight", token)
	}
}

func (h *Hub) beginFetch(request host.Fetch, token string) uint64 {
	h.lastFetch++
	h.fetches = append(h.fetches, &fetch{h.lastFetch, token, request})
	return h.lastFetch
}

// dropFetch removes fetches, and reports whether there were any.
func (h *Hub) dropFetch(which func(*fetch) bool) bool {
	before := len(h.fetches)
	// A new list: the old one is needed again after a failed reload.
	h.fetches = slices.DeleteFunc(slices.Clone(h.fetches), which)
	return len(h.fetches) < before
}

func (h *Hub) endFetchesFor(connection host.ID) {
	isFor := func(one *fetch) bool { return one.asked.Connection.SomeOr(host.ID{}) == connection }
	var ended []*fetch
	for _, one := range h.fetches {
		if isFor(one) {
			ended = append(ended, one)
		}
	}
	h.dropFetch(isFor)
	for _, one := range ended {
		h.tellEnd(one.token, roomcast.ErrConnectionClosed)
	}
}

func (h *Hub) tellEnd(token string, err error) {
	h.t.Helper()
	if handle := hooks.Plugin.End; handle != nil {
		handle(token, outcome(err))
	}
}

// outcome converts an error to the contract's type.
func outcome(err error) wit.Result[wit.Unit, events.Failure] {
	if err == nil {
		return wit.Ok[wit.Unit, events.Failure](wit.Unit{})
	}
	why := events.MakeFailureOther(err.Error())
	var known *roomcast.Error
	if errors.As(err, &known) {
		switch known.Kind {
		case roomcast.Denied:
			why = events.MakeFailureDenied(known.Reason)
		case roomcast.Unreachable:
			why = events.MakeFailureUnreachable(known.Reason)
		case roomcast.Broken:
			why = events.MakeFailureBroken(known.Reason)
		case roomcast.LimitExceeded:
			why = events.MakeFailureLimitExceeded(types.Limit{Key: known.Name, Reason: known.Reason})
		case roomcast.ConnectionClosed:
			why = events.MakeFailureConnectionClosed()
		case roomcast.Interrupted:
			why = events.MakeFailureInterrupted()
		}
	}
	return wit.Err[wit.Unit](why)
}
