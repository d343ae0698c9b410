package roomcasttest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roomcast/roomcast/guest-sdk/go/keyvalue"
	"github.com/roomcast/roomcast/guest-sdk/go/roomcast"
	"github.com/roomcast/roomcast/guest-sdk/go/roomcasttest"
)

func TestTheLastEventIDIsInTheHeaderOrTheQuery(t *testing.T) {
	var got []string
	hub := roomcasttest.Start(t, func() {
		roomcast.OnConnect(func(_ roomcast.Connection, r *roomcast.Request) error { got = append(got, r.LastEventID()); return nil })
	})
	hub.Connect("/sse?last_event_id=1", "Last-Event-ID", "7")
	hub.Connect("/sse?a=b&lastEventId=8%25")
	hub.Connect("/sse?evs_last_event_id=9")
	hub.Connect("/sse")
	equal(t, got, []string{"7", "8%", "9", ""})
}

func TestAConnectionIsAUUIDAsText(t *testing.T) {
	text := "0192f3c4-7b1e-4c55-9c0e-2f6d1c1b8a77"
	c, err := roomcast.ParseConnection(strings.ToUpper(text))
	equal(t, []any{c, err}, []any{roomcast.Connection{High: 0x0192f3c4_7b1e4c55, Low: 0x9c0e2f6d_1c1b8a77}, nil})
	equal(t, []any{c.String(), fmt.Sprint(c), c.IsZero()}, []any{text, text, false})
	saved, err := json.Marshal(map[roomcast.Connection]roomcast.Connection{c: c})
	equal(t, []any{string(saved), err}, []any{`{"` + text + `":"` + text + `"}`, nil})
	var read map[roomcast.Connection]roomcast.Connection
	equal(t, json.Unmarshal(saved, &read), nil)
	equal(t, read[c], c)
	for _, bad := range []string{"", "x", strings.ReplaceAll(text, "-", ""), text + "0", text[:35] + "g", "-" + text[:35], "00000000-0000-0000-0000-000000000000"} {
		if c, err := roomcast.ParseConnection(bad); err == nil || !c.IsZero() {
			t.Errorf("%s: %v", bad, c)
		}
	}
	none, err := json.Marshal(roomcast.Connection{})
	equal(t, []any{string(none), err}, []any{`""`, nil})
	equal(t, json.Unmarshal(none, &c), nil)
	equal(t, c.IsZero(), true)
}

func TestARequestIsLentForTheCall(t *testing.T) {
	var kept *roomcast.Request
	hub := roomcasttest.Start(t, func() {
		roomcast.OnConnect(func(_ roomcast.Connection, r *roomcast.Request) error { kept = r; return nil })
		roomcast.OnMessage(func(_ roomcast.Connection, r *roomcast.Request, _ roomcast.Body) (*roomcast.Response, error) {
			return roomcast.OK(r.Header("Content-Type") + kept.Query()), nil
		})
	})
	hub.Connect("/sse?name=Ada")
	_, err := hub.Message(roomcast.Connection{}, "", "Content-Type", "text/plain")
	equal(t, err, roomcast.Reject(500, "the plugin has failed"))
	if log := hub.Logs(); len(log) != 1 || !strings.Contains(log[0].Message, "read after the hook that it was lent to had returned") {
		t.Error(log)
	}
}

func TestABodyIsBytes(t *testing.T) {
	text, err := roomcast.Body("é").Text()
	equal(t, []any{text, err}, []any{"é", nil})
	_, err = roomcast.Body(cafe).Text()
	equal(t, err, errors.New("the body is not UTF-8"))
	equal(t, fmt.Sprint(roomcast.Body(cafe)), "caf\uFFFD")
	var numbers []int
	equal(t, roomcast.Body("[1, 2]").JSON(&numbers), nil)
	equal(t, numbers, []int{1, 2})
	if err := roomcast.Body("[1, ").JSON(&numbers); err == nil || !strings.HasPrefix(err.Error(), "the body is not the JSON that is expected: ") {
		t.Error(err)
	}
	hub := roomcasttest.Start(t, func() {
		roomcast.OnMessage(func(_ roomcast.Connection, _ *roomcast.Request, body roomcast.Body) (*roomcast.Response, error) {
			if len(body) == 0 {
				return roomcast.Pass(), nil
			}
			return &roomcast.Response{Status: 200, Body: body, Headers: []roomcast.Header{{Name: "connection", Value: "close"}}}, nil
		})
	})
	response, err := hub.Message(roomcast.Connection{}, cafe)
	equal(t, []any{response.Body, response.IsPass(), err}, []any{roomcast.Body(cafe), false, nil})
	response, err = hub.Message(roomcast.Connection{}, "")
	equal(t, []any{response.IsPass(), err}, []any{true, nil})
}

// failing is a plugin whose hooks return the error that it is told.
func failing(err *error) func() {
	return func() {
		roomcast.OnConnect(func(roomcast.Connection, *roomcast.Request) error { return *err })
		roomcast.OnJoin(func(roomcast.Connection, string) error { return *err })
		roomcast.OnPublish(func(string, *roomcast.Event, roomcast.Origin) error { return *err })
		roomcast.OnMessage(func(roomcast.Connection, *roomcast.Request, roomcast.Body) (*roomcast.Response, error) {
			return nil, *err
		})
	}
}

func TestErrorsOfTheHostAreForTheLog(t *testing.T) {
	var refused error
	hub := roomcasttest.Start(t, failing(&refused))
	ada, _ := hub.Connect("/sse")
	gone, _ := hub.Connect("/sse")
	hub.Disconnect(gone, roomcast.ClientClosed)
	for err, want := range map[error]*roomcast.Rejection{
		ada.Join(""): roomcast.Reject(500, "the plugin has failed"),
		fmt.Errorf("greeting: %w", gone.Send(roomcast.Event{})):     roomcast.Reject(500, "the plugin has failed"),
		keyvalue.Set(strings.Repeat("k", 2000), nil):                roomcast.Reject(500, "the plugin has failed"),
		ada.Send(roomcast.JSON("x", func() {})):                     roomcast.Reject(500, "the plugin has failed"),
		ada.SetTag(strings.Repeat("x", 2000)):                       roomcast.Reject(503, "the server is busy: try again later"),
		roomcast.Connection{}.Send(roomcast.Event{}):                roomcast.BadRequest("the client has not named its stream: it sends the stream's id in the header `Roomcast-Connection`"),
		errors.New("no name"):                                       roomcast.BadRequest("no name"),
		fmt.Errorf("%w: %w", roomcast.NotFound("no"), ada.Join("")): roomcast.NotFound("no"),
	} {
		refused = err
		_, connecting := hub.Connect("/sse")
		_, publishing := hub.Publish("tea", roomcast.Event{})
		_, messaging := hub.Message(ada, "hi")
		equal(t, []any{connecting, hub.Join(ada, "tea"), publishing, messaging}, []any{want, want, want, want})
		log := hub.Logs()
		if want.Status < 500 {
			equal(t, len(log), 0)
			continue
		}
		equal(t, len(log), 4)
		for _, record := range log {
			place := regexp.MustCompile(`^error in On\w+: .*, in .*TestErrorsOfTheHostAreForTheLog \(.*contract_test.go:\d+\)$`)
			if record.Level != roomcasttest.Error || !strings.Contains(record.Message, err.Error()) || !place.MatchString(record.Message) {
				t.Errorf("%v", record)
			}
		}
	}
}

func TestMembersComePageByPage(t *testing.T) {
	hub := roomcasttest.Start(t, answering(nil))
	var all []roomcast.Connection
	for range 2_500 {
		c, _ := hub.Connect("/sse")
		all = append(all, c)
	}
	page, err := roomcast.Members("__all", nil, 1_000)
	equal(t, []any{page.Members, page.Total, err}, []any{all[1_500:], 2_500, nil})
	page, _ = roomcast.Members("__all", page.Next, 1_000)
	page, _ = roomcast.Members("__all", page.Next, 1_000)
	equal(t, []any{page.Members, page.Next == nil}, []any{all[:500], true})
	for _, limit := range []int{-1, 0, 1_001} {
		_, err := roomcast.Members("tea", nil, limit)
		equal(t, err != nil && err.Error() == "`limit`: is 1 to 1,000", true)
	}
	seen := map[roomcast.Connection]int{}
	for c, err := range roomcast.AllMembers("__all") {
		equal(t, err, nil)
		if seen[c]++; len(seen) == 1 {
			hub.Disconnect(all[0], roomcast.ClientClosed) // the last takes its place, and would be read again
		}
	}
	delete(seen, all[0])
	equal(t, len(seen), 2_499)
	for c, times := range seen {
		if times != 1 {
			t.Errorf("%s came %d times", c, times)
		}
	}
	for _, err := range roomcast.AllMembers("") {
		equal(t, errors.Is(err, roomcast.ErrInvalidArgument), true)
	}
	for range roomcast.AllMembers("nowhere") {
		t.Error("a room that does not exist has a member")
	}
}

func TestEventIDsAreFree(t *testing.T) {
	hub := roomcasttest.Start(t, answering(nil))
	ada, _ := hub.Connect("/sse")
	equal(t, ada.Send(roomcast.Event{ID: strings.Repeat("ü ", 341)}), nil)
	for _, bad := range []string{"a\u0085b", "a\nb", strings.Repeat("x", 1025)} {
		equal(t, errors.Is(ada.Send(roomcast.Event{ID: bad}), roomcast.ErrInvalidArgument), true)
	}
}

func TestReasonsHaveNames(t *testing.T) {
	for reason, name := range map[roomcast.DisconnectReason]string{
		roomcast.ServerShutdown: "server-shutdown", roomcast.Answered: "answered", roomcast.TokenExpired: "token-expired",
		roomcast.Revoked: "revoked", roomcast.MaxAge: "max-age", roomcast.OtherReason: "other", 99: "other",
	} {
		equal(t, reason.String(), name)
	}
}

func TestAFailedSaveRefusesTheReload(t *testing.T) {
	starts := 0
	hub := roomcasttest.Start(t, func() {
		starts++
		roomcast.OnSave(func() ([]byte, error) { return nil, errors.New("not now: " + cafe) })
		roomcast.OnRestore(func([]byte) error { return nil })
		roomcast.OnTimer(func(string) {})
	})
	roomcast.Every(time.Second, "tick")
	equal(t, hub.Reload(), errors.New("not now: caf\uFFFD"))
	equal(t, []int{starts, hub.Timers()}, []int{1, 1})
}

func TestTimeStandsStillUntilItIsAdvanced(t *testing.T) {
	var fired []time.Duration
	main := func(now func() time.Time) func() {
		return func() {
			start := now()
			fired = nil
			roomcast.OnTimer(func(string) { fired = append(fired, now().Sub(start)) })
		}
	}
	check := func(t *testing.T, now func() time.Time) {
		hub := roomcasttest.Start(t, main(now))
		start := now()
		roomcast.Every(time.Second, "tick")
		equal(t, now().Sub(start), time.Duration(0))
		hub.Advance(2500 * time.Millisecond)
		equal(t, now().Sub(start), 2500*time.Millisecond)
		equal(t, fired, []time.Duration{time.Second, 2 * time.Second})
	}
	t.Run("roomcast.Now", func(t *testing.T) { check(t, roomcast.Now) })
	t.Run("time.Now", func(t *testing.T) { synctest.Test(t, func(t *testing.T) { check(t, time.Now) }) })
	t.Run("roomcast.Now in a bubble", func(t *testing.T) { synctest.Test(t, func(t *testing.T) { check(t, roomcast.Now) }) })
}
