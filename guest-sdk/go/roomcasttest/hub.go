// Package roomcasttest runs a plugin in ordinary tests, on a fake hub with a fake clock, without WebAssembly:
//
//	func TestGreeting(t *testing.T) {
//		hub := roomcasttest.Start(t, main)
//		ada, err := hub.Connect("/sse?name=Ada")
//		if err != nil {
//			t.Fatal(err)
//		}
//		if got := hub.Received(ada); got[0].Data != "hello Ada" {
//			t.Errorf("greeted with %v", got)
//		}
//	}
//
// The hub enforces the contract's rules, with the host's default limits. The functions of package roomcast work in the test
// itself too, on the same hub. There is one hub at a time, so tests that use it cannot run in parallel.
//
// The clock, which [roomcast.Now] reads, stands still until [Hub.Advance]. In a bubble of testing/synctest, the functions of the
// package time follow it: time.Now, time.Since and others.
package roomcasttest

import (
	"log/slog"
	"maps"
	"slices"
	"testing"
	"time"

	types "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_types"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/hooks"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/host"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/wire"
	wit "github.com/roomcast/roomcast/guest-sdk/go/internal/wit/types"
	"github.com/roomcast/roomcast/guest-sdk/go/logging"
	"github.com/roomcast/roomcast/guest-sdk/go/roomcast"
)

// Level is the severity of a log record.
type Level uint8

// The levels of the host's log.
const (
	Trace Level = iota
	Debug
	Info
	Warn
	Error
	Critical
)

// Record is one record of the log.
type Record struct {
	Level   Level
	Message string
}

// Hub is a plugin, and a hub for it to run on.
type Hub struct {
	t       testing.TB
	main    func()
	world   world
	clock   clock
	fetches []*fetch
	config  map[string]string
	store   map[string][]byte
	records []Record
	// lastFetch is the id of the fetch that was started last.
	lastFetch uint64
}

// Start starts a hub and, on it, the plugin whose main this is, without configuration. It fails the test when the
// plugin does not start, and ends with the test.
func Start(t testing.TB, main func()) *Hub {
	t.Helper()
	hub, err := StartWith(t, main, nil)
	if err != nil {
		t.Fatalf("the plugin does not start: %v", err)
	}
	return hub
}

// StartWith is [Start] with the keys and values of [plugins.config]; the error is that of OnInit.
func StartWith(t testing.TB, main func(), config map[string]string) (*Hub, error) {
	t.Helper()
	if host.Fake != nil {
		t.Fatal("there is a hub already: it ends with its test, so tests that use one do not run in parallel")
	}
	hub := &Hub{t: t, main: main, world: newWorld(), clock: newClock(), config: maps.Clone(config), store: map[string][]byte{}}
	logger := slog.Default()
	host.Fake = calls{hub}
	slog.SetDefault(slog.New(logging.Handler{}))
	t.Cleanup(func() {
		slog.SetDefault(logger)
		host.Fake = nil
		hooks.Plugin = hooks.Set{}
	})
	return hub, hub.start()
}

func (h *Hub) start() error {
	if err := hooks.Start(h.main); err != nil {
		return err
	}
	if init := hooks.Plugin.Init; init != nil {
		return init()
	}
	return nil
}

// Advance advances the clock; due timers fire in order.
func (h *Hub) Advance(time time.Duration) {
	h.t.Helper()
	end := h.clock.now + time
	for {
		token, fired := h.clock.next(end)
		if !fired {
			return
		}
		hooks.Plugin.Timer(token)
		h.settle()
	}
}

// Reload reloads the plugin: OnSave, main, OnInit, and OnRestore with the saved state. Timers and fetches are handed over. The
// error is that of OnSave, OnInit or OnRestore; the previous instance then keeps serving. Create the plugin's variables in main
// for this to be like a new instance: those of the package keep their values.
func (h *Hub) Reload() error {
	h.t.Helper()
	var state []byte
	before, timers, fetches := hooks.Plugin, h.clock.take(), h.fetches
	if save := hooks.Plugin.Save; save != nil {
		var err error
		if state, err = save(); err != nil {
			h.clock.timers = timers
			return err
		}
	}
	err := h.start()
	if restore := hooks.Plugin.Restore; err == nil && restore != nil && before.Save != nil {
		err = restore(state)
	}
	if err != nil {
		hooks.Plugin, h.clock.timers, h.fetches = before, timers, fetches
		return err
	}
	h.clock.adopt(timers)
	h.settle()
	return nil
}

// Crash is a trap or a missed deadline: a new instance starts without state; connections stay open. Fetches of the previous one
// end with [roomcast.ErrInterrupted].
func (h *Hub) Crash() error {
	h.t.Helper()
	h.clock.take()
	interrupted := h.fetches
	h.fetches = nil
	err := h.start()
	for _, one := range interrupted {
		if err == nil {
			h.tellEnd(one.token, roomcast.ErrInterrupted)
		}
	}
	return err
}

// Received returns the events that a connection has received since the last call, also after its end.
func (h *Hub) Received(c roomcast.Connection) []roomcast.Event {
	inbox := h.world.inbox(host.ID(c))
	var events []roomcast.Event
	for _, event := range inbox.events {
		events = append(events, readEvent(event))
	}
	inbox.events = nil
	return events
}

// Comments returns the comments that a connection has received since the last call.
func (h *Hub) Comments(c roomcast.Connection) []string {
	inbox := h.world.inbox(host.ID(c))
	comments := inbox.comments
	inbox.comments = nil
	return comments
}

// Logs returns the records logged since the last call.
func (h *Hub) Logs() []Record {
	records := h.records
	h.records = nil
	return records
}

// Rooms returns the rooms that exist, sorted.
func (h *Hub) Rooms() []string {
	return slices.Sorted(maps.Keys(h.world.rooms))
}

// Timers returns the number of timers.
func (h *Hub) Timers() int {
	return len(h.clock.timers)
}

func (h *Hub) note(record Record) {
	h.records = append(h.records, record)
}

// settle calls the hooks for connections that have ended since, including those that the plugin closed.
func (h *Hub) settle() {
	for len(h.world.endings) > 0 {
		ended := h.world.endings[0]
		h.world.endings = h.world.endings[1:]
		for _, room := range ended.rooms {
			if handle := hooks.Plugin.Leave; handle != nil {
				handle(ended.connection, room)
			}
		}
		h.endFetchesFor(ended.connection)
		if handle := hooks.Plugin.Disconnect; handle != nil {
			handle(ended.connection, ended.reason)
		}
		delete(h.world.clients, ended.connection)
	}
}

func readHeaders(headers []wit.Tuple2[string, string]) []roomcast.Header {
	var read []roomcast.Header
	for _, header := range headers {
		read = append(read, roomcast.Header{Name: header.F0, Value: header.F1})
	}
	return read
}

func readEvent(event types.Event) roomcast.Event {
	e := wire.Read(event)
	return roomcast.Event{Data: e.Data, Name: e.Name, ID: e.ID, ResetID: e.ResetID, Retry: e.Retry}
}
