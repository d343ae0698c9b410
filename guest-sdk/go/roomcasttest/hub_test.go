package roomcasttest_test

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/guest-sdk/go/config"
	"github.com/roomcast/roomcast/guest-sdk/go/keyvalue"
	"github.com/roomcast/roomcast/guest-sdk/go/roomcast"
	"github.com/roomcast/roomcast/guest-sdk/go/roomcasttest"
)

// all registers every hook, and notes in calls what is called.
func all(calls *[]string) func() {
	note := func(parts ...string) { *calls = append(*calls, strings.Join(parts, " ")) }
	return func() {
		roomcast.OnInit(func() error { note("init"); return nil })
		roomcast.OnConnect(func(roomcast.Connection, *roomcast.Request) error { note("connect"); return nil })
		roomcast.OnDisconnect(func(_ roomcast.Connection, reason roomcast.DisconnectReason) { note("disconnect", reason.String()) })
		roomcast.OnJoin(func(_ roomcast.Connection, room string) error { note("join", room); return nil })
		roomcast.OnLeave(func(_ roomcast.Connection, room string) { note("leave", room) })
		roomcast.OnPublish(func(room string, e *roomcast.Event, from roomcast.Origin) error {
			note("publish", room, e.Data, from.From)
			if e.Data == "no" {
				return errors.New("refused")
			}
			e.Data += "!"
			return nil
		})
		roomcast.OnMessage(func(_ roomcast.Connection, _ *roomcast.Request, body roomcast.Body) (*roomcast.Response, error) {
			note("message", string(body))
			if string(body) == "no" {
				return nil, roomcast.TooManyRequests(1500 * time.Millisecond)
			}
			return nil, nil
		})
		roomcast.OnTimer(func(token string) { note("timer", token) })
		roomcast.OnSave(func() ([]byte, error) { note("save"); return []byte("state"), nil })
		roomcast.OnRestore(func(state []byte) error { note("restore", string(state)); return nil })
	}
}

func equal(t *testing.T, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestEveryHookIsCalled(t *testing.T) {
	var calls []string
	hub := roomcasttest.Start(t, all(&calls))
	ada, _ := hub.Connect("/sse")
	hub.Join(ada, "tea")
	if _, err := roomcast.Every(time.Second, "tick"); err != nil {
		t.Fatal(err)
	}
	count, err := hub.Publish("tea", roomcast.Event{Data: "hi"})
	equal(t, []any{count, err}, []any{1, nil})
	_, err = hub.Publish("tea", roomcast.Event{Data: "no"})
	equal(t, err, roomcast.BadRequest("refused"))
	answer, _ := hub.Message(ada, "yes")
	equal(t, answer.Status, 202)
	_, err = hub.Message(ada, "no")
	equal(t, err, roomcast.TooManyRequests(2*time.Second))
	hub.Advance(time.Second)
	equal(t, hub.Reload(), nil)
	hub.Advance(time.Second)
	equal(t, hub.Received(ada), []roomcast.Event{{Data: "hi!"}})
	equal(t, ada.Close(), nil)
	hub.Leave(ada, "none")
	equal(t, calls, []string{
		"init", "connect", "join tea", "publish tea hi 127.0.0.1:51235", "publish tea no 127.0.0.1:51235", "message yes",
		"message no", "timer tick", "save", "init", "restore state", "timer tick", "leave __all", "leave tea",
		"disconnect plugin-closed",
	})
}

// answering is a plugin whose OnConnect returns an error.
func answering(err error) func() {
	return func() {
		roomcast.OnConnect(func(roomcast.Connection, *roomcast.Request) error { return err })
	}
}

func TestErrorsBecomeRejections(t *testing.T) {
	wrapped := errors.Join(errors.New("about the name"), roomcast.Forbidden("not you"))
	for _, one := range []struct {
		err    error
		status int
		body   string
	}{
		{errors.New("no name"), 400, "no name"},
		{roomcast.Unauthorized("Bearer", "show a token"), 401, "show a token"},
		{wrapped, 403, "not you"},
	} {
		t.Run(one.body, func(t *testing.T) {
			hub := roomcasttest.Start(t, answering(one.err))
			_, err := hub.Connect("/sse")
			var rejection *roomcast.Rejection
			if !errors.As(err, &rejection) {
				t.Fatalf("%v", err)
			}
			equal(t, []any{rejection.Status, rejection.Body}, []any{one.status, one.body})
		})
	}
}

func TestANilRejectionIsNone(t *testing.T) {
	var none *roomcast.Rejection
	hub := roomcasttest.Start(t, answering(none))
	_, err := hub.Connect("/sse")
	equal(t, err, nil)
}

func TestTheHostRefusesWithReasons(t *testing.T) {
	hub := roomcasttest.Start(t, answering(nil))
	ada, _ := hub.Connect("/sse")
	var refused *roomcast.Error
	if err := ada.Join("a\nb"); !errors.As(err, &refused) || refused.Kind != roomcast.InvalidArgument || refused.Name != "room" {
		t.Errorf("%v", err)
	}
	if err := ada.SetTag(strings.Repeat("x", 1025)); !errors.As(err, &refused) || refused.Name != "limits.tag_bytes" {
		t.Errorf("%v", err)
	}
	if err := (roomcast.Connection{}).Send(roomcast.Event{}); !errors.Is(err, roomcast.ErrNoSuchConnection) || !strings.Contains(err.Error(), "Roomcast-Connection") {
		t.Errorf("%v", err)
	}
	if _, err := roomcast.After(time.Second, "x"); err == nil || !strings.Contains(err.Error(), "OnTimer") {
		t.Errorf("%v", err)
	}
	if _, err := roomcast.After(math.MaxInt64, "x"); !errors.Is(err, roomcast.ErrInvalidArgument) {
		t.Errorf("%v", err)
	}
	if _, err := roomcast.Broadcast("tea", roomcast.JSON("x", func() {})); err == nil || !strings.Contains(err.Error(), `event "x"`) {
		t.Errorf("%v", err)
	}
	hub.Disconnect(ada, roomcast.ClientClosed)
	equal(t, errors.Is(ada.Send(roomcast.Event{}), roomcast.ErrNoSuchConnection), true)
}

func TestRooms(t *testing.T) {
	hub := roomcasttest.Start(t, answering(nil))
	ada, _ := hub.Connect("/sse")
	bob, _ := hub.Connect("/sse")
	ada.Join("tea")
	bob.Join("tea")
	bob.Join("cake")
	event := roomcast.Event{Data: "x", Name: "n", ID: "1", Retry: 1500*time.Millisecond + 1}
	count, _ := roomcast.BroadcastExcept("tea", event, bob)
	equal(t, count, 1)
	event.Retry = 1501 * time.Millisecond
	equal(t, hub.Received(ada), []roomcast.Event{event})
	count, _ = roomcast.BroadcastMany([]string{"tea", "cake"}, roomcast.Event{ResetID: true}, ada, roomcast.KeepDuplicates)
	equal(t, count, 2)
	equal(t, hub.Received(bob)[0], roomcast.Event{ResetID: true})
	for _, short := range []time.Duration{-1, 1, 499 * time.Millisecond} {
		_, err := roomcast.Broadcast("tea", roomcast.Event{Retry: short})
		equal(t, err != nil && strings.Contains(err.Error(), "event.retry_ms"), true)
	}
	rooms, _ := bob.Rooms()
	equal(t, rooms, []string{"__all", "tea", "cake"})
	equal(t, []any{ada.IsOpen(), roomcast.Connection{}.IsOpen()}, []any{true, false})
}

func TestRequest(t *testing.T) {
	var got []string
	hub := roomcasttest.Start(t, func() {
		roomcast.OnConnect(func(_ roomcast.Connection, r *roomcast.Request) error {
			for _, name := range []string{"name", "room", "bad", "flag", "odd"} {
				value, ok := r.Parameter(name)
				got = append(got, fmt.Sprintf("%s %t", value, ok))
			}
			_, ok := r.Parameter("Name")
			equal(t, []any{ok, r.Header("LAST-EVENT-ID"), r.Header("none"), r.LastEventID()}, []any{false, "7", "", "7"})
			equal(t, []any{r.Method(), r.Path(), r.Peer(), r.Headers()}, []any{"GET", "/sse", "127.0.0.1:51234", []roomcast.Header{{Name: "last-event-id", Value: "7"}}})
			return nil
		})
	})
	hub.Connect("/sse?name=Ada+L%C3%B6we&room=a%26b&name=second&bad=%ff&flag&odd=%4", "Last-Event-ID", "7")
	equal(t, got, []string{"Ada Löwe true", "a&b true", "\uFFFD true", " true", "%4 true"})
}

func TestConfigLogAndStore(t *testing.T) {
	main := func() {
		roomcast.OnInit(func() error {
			seats, err := config.Parse("seats", 10, strconv.Atoi)
			slog.With("a", 1).WithGroup("g").Warn("ready", "seats", seats)
			return err
		})
	}
	hub, err := roomcasttest.StartWith(t, main, map[string]string{"seats": "many"})
	if err == nil || !strings.HasPrefix(err.Error(), "config `seats` = \"many\": ") {
		t.Errorf("%v", err)
	}
	equal(t, hub.Logs(), []roomcasttest.Record{{Level: roomcasttest.Warn, Message: "ready a=1 g.seats=10"}})
	equal(t, keyvalue.Set("b", []byte("1")), nil)
	sum, err := keyvalue.Increment("b", 41)
	equal(t, []any{sum, err}, []any{int64(42), nil})
	value, ok, _ := keyvalue.Get("b")
	keys, _ := keyvalue.Keys()
	equal(t, []any{string(value), ok, keys}, []any{"42", true, []string{"b"}})
	equal(t, keyvalue.SetMany(map[string][]byte{"c": []byte("3"), "": {}}), nil)
	values, err := keyvalue.GetMany("c", "nowhere", "")
	equal(t, []any{values, err}, []any{map[string][]byte{"c": []byte("3"), "": {}}, nil})
	equal(t, keyvalue.DeleteMany("c", "nowhere"), nil)
	var seen []string
	equal(t, keyvalue.Update("c", func(value []byte, ok bool) ([]byte, error) {
		seen = append(seen, fmt.Sprint(string(value), ok))
		if !ok {
			keyvalue.Set("c", []byte("meanwhile")) // another instance is faster
		}
		return []byte("mine"), nil
	}), nil)
	equal(t, seen, []string{"false", "meanwhiletrue"})
	no := errors.New("no")
	equal(t, keyvalue.Update("c", func([]byte, bool) ([]byte, error) { return nil, no }), no)
	value, _, _ = keyvalue.Get("c")
	equal(t, string(value), "mine")
	if err := keyvalue.Set(strings.Repeat("k", 2000), nil); !errors.Is(err, roomcast.ErrStore) {
		t.Errorf("%v", err)
	}
}

func TestKeepJSON(t *testing.T) {
	type state struct {
		Names []string
		Limit int
	}
	var s *state
	hub := roomcasttest.Start(t, func() {
		s = &state{Limit: 3}
		roomcast.KeepJSON(s)
	})
	s.Names = []string{"Ada"}
	equal(t, hub.Reload(), nil)
	equal(t, *s, state{[]string{"Ada"}, 3})
}

func TestWhatIsWrongWithAPluginIsSaid(t *testing.T) {
	for want, main := range map[string]func(){
		"registers no hook": func() {},
		"go together":       func() { roomcast.OnSave(func() ([]byte, error) { return nil, nil }) },
	} {
		t.Run(want, func(t *testing.T) {
			if _, err := roomcasttest.StartWith(t, main, nil); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v", err)
			}
		})
	}
	defer func() {
		if why, _ := recover().(string); !strings.Contains(why, "OnTimer is called twice") {
			t.Errorf("%v", why)
		}
	}()
	roomcasttest.Start(t, func() {
		for range slices.Values([]int{1, 2}) {
			roomcast.OnTimer(func(string) {})
		}
	})
}
