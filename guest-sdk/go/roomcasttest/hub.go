// Package roomcasttest runs a plugin in ordinary tests, on a fake hub and with a clock of the test's own, without
// WebAssembly:
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
// The hub obeys the contract's rules, with the host's default bounds. The functions of package roomcast work in the
// test itself too, on the same hub. There is one hub at a time, so tests that use it do not run in parallel.
package roomcasttest

import (
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	publish "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_publish"
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
	hub := &Hub{t: t, main: main, world: newWorld(), config: maps.Clone(config), store: map[string][]byte{}}
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

// Connect has a client ask for a stream, by the path with or without a query: "/sse?name=Ada". The error is the
// plugin's [*roomcast.Rejection]. Headers are pairs of name and value.
func (h *Hub) Connect(target string, headers ...string) (roomcast.Connection, error) {
	h.t.Helper()
	id := h.world.open()
	var rejection *types.Rejection
	if handle := hooks.Plugin.Connect; handle != nil {
		rejection = handle(id, request("GET", target, headers))
	}
	if rejection != nil {
		status := rejection.Status
		checkAnswer(h.t, "OnConnect", status == 204 || status >= 400 && status < 600, status, rejection.Headers)
		h.world.turnAway(id)
		h.settle()
		return "", &roomcast.Rejection{Status: int(status), Headers: readHeaders(rejection.Headers), Body: rejection.Body}
	}
	h.settle()
	return roomcast.Connection(id), nil
}

// Disconnect ends a connection for a reason of the test's choosing.
func (h *Hub) Disconnect(c roomcast.Connection, reason roomcast.DisconnectReason) {
	h.t.Helper()
	if why := h.world.beginEnd(string(c), types.DisconnectReason(reason)); why != nil {
		h.t.Fatalf("connection %s is not open", c)
	}
	h.settle()
}

// Message has a client post a message, to /send and in the name of its stream; of none if the connection is empty. The
// error is the text that goes back with status 400.
func (h *Hub) Message(c roomcast.Connection, body string) (*roomcast.Response, error) {
	h.t.Helper()
	handle := hooks.Plugin.Message
	if handle == nil {
		h.t.Fatal("the plugin does not register roomcast.OnMessage")
	}
	named := wit.None[string]()
	if c != "" {
		named = wit.Some(string(c))
		if _, why := h.world.openClient(string(c)); why != nil {
			h.t.Fatalf("connection %s is not open: the host answers such a message itself", c)
		}
	}
	response, err := handle(named, request("POST", "/send", nil), asSent(body))
	if err != nil {
		h.settle()
		return nil, err
	}
	status := response.Status
	checkAnswer(h.t, "OnMessage", status == 100 || status >= 200 && status < 600, status, response.Headers)
	h.settle()
	return &roomcast.Response{Status: int(status), Headers: readHeaders(response.Headers), Body: readBody(response.Body)}, nil
}

// asSent is a body as the host brings it: text whenever it is UTF-8.
func asSent(body string) types.Body {
	if utf8.ValidString(body) {
		return types.MakeBodyText(body)
	}
	return types.MakeBodyBinary([]byte(body))
}

// Join has somebody outside put a connection into a room. The error is the plugin's refusal, or the hub's.
func (h *Hub) Join(c roomcast.Connection, room string) error {
	h.t.Helper()
	if handle := hooks.Plugin.Join; handle != nil {
		if err := handle(string(c), room); err != nil {
			return err
		}
	}
	err := c.Join(room)
	h.settle()
	return err
}

// Leave has somebody outside take a connection out of a room.
func (h *Hub) Leave(c roomcast.Connection, room string) {
	h.t.Helper()
	was, _ := h.world.leave(string(c), room)
	if handle := hooks.Plugin.Leave; handle != nil && was {
		handle(string(c), room)
	}
	h.settle()
}

// Publish has an event published through the API, and answers the number of receivers. The error is the plugin's
// refusal, or what is wrong with the event.
func (h *Hub) Publish(room string, e roomcast.Event) (receivers int, err error) {
	h.t.Helper()
	if handle := hooks.Plugin.Publish; handle != nil {
		verdict := handle(room, wire.Event{Data: e.Data, Name: e.Name, ID: e.ID, ResetID: e.ResetID, Retry: e.Retry}.Lower(), publish.MakeOriginApi("127.0.0.1:51235"))
		switch verdict.Tag() {
		case publish.Verdict_Refuse:
			return 0, errors.New(verdict.Refuse())
		case publish.Verdict_Rewrite:
			e = readEvent(verdict.Rewrite())
		}
	}
	receivers, err = roomcast.Broadcast(room, e)
	h.settle()
	return receivers, err
}

// Advance lets time pass: the timers that fall due fire, in their order.
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

// Reload has a new instance take over: main is called again, OnInit, and OnRestore with what OnSave made. The timers and
// fetches go on. The error is that of OnInit or OnRestore; the old instance then goes on as before. The plugin's own variables
// must be made in main for this to be like a new instance: those of the package keep their values.
func (h *Hub) Reload() error {
	h.t.Helper()
	var state []byte
	before, timers, fetches := hooks.Plugin, h.clock.take(), h.fetches
	if save := hooks.Plugin.Save; save != nil {
		var err error
		if state, err = save(); err != nil {
			h.t.Fatalf("OnSave: %v", err)
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

// Crash does what follows a call that takes too long: a new instance that knows nothing, while the connections stay. It is told that the
// fetches of the one before are interrupted.
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

// Received takes the events that a connection has received since the last call. It works after its end, too.
func (h *Hub) Received(c roomcast.Connection) []roomcast.Event {
	inbox := h.world.inbox(string(c))
	var events []roomcast.Event
	for _, event := range inbox.events {
		events = append(events, readEvent(event))
	}
	inbox.events = nil
	return events
}

// Comments takes the comments that a connection has received since the last call.
func (h *Hub) Comments(c roomcast.Connection) []string {
	inbox := h.world.inbox(string(c))
	comments := inbox.comments
	inbox.comments = nil
	return comments
}

// Logs takes the records that were logged since the last call.
func (h *Hub) Logs() []Record {
	records := h.records
	h.records = nil
	return records
}

// Rooms are the rooms that exist, sorted.
func (h *Hub) Rooms() []string {
	return slices.Sorted(maps.Keys(h.world.rooms))
}

// Timers is how many timers are set.
func (h *Hub) Timers() int {
	return len(h.clock.timers)
}

func (h *Hub) note(record Record) {
	h.records = append(h.records, record)
}

// settle tells the plugin of connections that have ended meanwhile, by its own Close, too.
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

func request(method, target string, headers []string) types.Request {
	path, query, has := strings.Cut(target, "?")
	r := types.Request{
		Method: method, Path: path, Peer: "127.0.0.1:51234", Query: wit.None[string](), LastEventId: wit.None[string](),
	}
	if has {
		r.Query = wit.Some(query)
	}
	r.Headers = pairs(headers)
	for _, header := range r.Headers {
		if header.F0 == "last-event-id" {
			r.LastEventId = wit.Some(header.F1)
		}
	}
	return r
}

// pairs are headers of names and values in turn.
func pairs(headers []string) []wit.Tuple2[string, string] {
	var pairs []wit.Tuple2[string, string]
	for pair := range slices.Chunk(headers, 2) {
		pairs = append(pairs, wit.Tuple2[string, string]{F0: strings.ToLower(pair[0]), F1: pair[len(pair)-1]})
	}
	return pairs
}

func readHeaders(headers []wit.Tuple2[string, string]) []roomcast.Header {
	var read []roomcast.Header
	for _, header := range headers {
		read = append(read, roomcast.Header{Name: header.F0, Value: header.F1})
	}
	return read
}

func readBody(body types.Body) []byte {
	if body.Tag() == types.Body_Text {
		return []byte(body.Text())
	}
	return body.Binary()
}

func readEvent(event types.Event) roomcast.Event {
	e := wire.Read(event)
	return roomcast.Event{Data: e.Data, Name: e.Name, ID: e.ID, ResetID: e.ResetID, Retry: e.Retry}
}
