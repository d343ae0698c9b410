package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/guest-sdk/go/roomcast"
	"github.com/roomcast/roomcast/guest-sdk/go/roomcasttest"
)

// told is an event as these tests compare it: its name, and its data without regard to the order of fields.
type told struct {
	name string
	data map[string]any
}

func event(name, data string) told {
	var fields map[string]any
	if err := json.Unmarshal([]byte(data), &fields); err != nil {
		panic(err)
	}
	return told{name, fields}
}

func presenceOf(room string, count int, joined, left string) told {
	return event("presence", fmt.Sprintf(`{"room":%q,"count":%d,"joined":%s,"left":%s,"more":0}`, room, count, joined, left))
}

func welcomeOf(c roomcast.Connection, name, room string, count int, people string) told {
	data := `{"connection":%q,"name":%q,"room":%q,"count":%d,"people":%s}`
	return event("welcome", fmt.Sprintf(data, c, name, room, count, people))
}

type fixture struct {
	*roomcasttest.Hub
	t *testing.T
}

func start(t *testing.T) fixture {
	return fixture{roomcasttest.Start(t, main), t}
}

func (f fixture) connect(target string) roomcast.Connection {
	f.t.Helper()
	c, err := f.Connect(target)
	if err != nil {
		f.t.Fatalf("%s: %v", target, err)
	}
	return c
}

func (f fixture) say(c roomcast.Connection, message string) {
	f.t.Helper()
	answer, err := f.Message(c, message)
	if err != nil || answer.Status != 202 {
		f.t.Fatalf("%s: %v, %v", message, answer, err)
	}
}

// expect compares what a connection has received since the last time.
func (f fixture) expect(c roomcast.Connection, want ...told) {
	f.t.Helper()
	var got []told
	for _, e := range f.Received(c) {
		got = append(got, event(e.Name, e.Data))
	}
	if !reflect.DeepEqual(got, want) {
		f.t.Fatalf("got %v\nwant %v", got, want)
	}
}

// adaAndBob are in the room tea, everything told.
func adaAndBob(t *testing.T) (f fixture, ada, bob roomcast.Connection) {
	f = start(t)
	ada, bob = f.connect("/sse?name=Ada&room=tea"), f.connect("/sse?name=Bob&room=tea")
	f.Advance(gather)
	f.Received(ada)
	f.Received(bob)
	return f, ada, bob
}

func TestAnArrivalIsWelcomedAtOnceAndToldLater(t *testing.T) {
	f := start(t)
	ada := f.connect("/sse?name=Ada&room=tea")
	f.expect(ada, welcomeOf(ada, "Ada", "tea", 1, `["Ada"]`))
	if tag, err := ada.Tag(); tag != "Ada" || err != nil {
		t.Errorf("tag %q, %v", tag, err)
	}
	bob := f.connect("/sse?name=+Bob+&room=tea")
	f.expect(bob, welcomeOf(bob, "Bob", "tea", 2, `["Ada","Bob"]`))
	f.Advance(gather)
	f.expect(ada, presenceOf("tea", 2, `["Ada","Bob"]`, `[]`))
	if f.Timers() != 0 {
		t.Error("the timer goes on")
	}
}

func TestNameAndRoomHaveDefaults(t *testing.T) {
	f := start(t)
	c := f.connect("/sse")
	name := "guest-" + c.String()[:4]
	f.expect(c, welcomeOf(c, name, "lobby", 1, `["`+name+`"]`))
}

func TestBadNamesAreRejected(t *testing.T) {
	f := start(t)
	for _, query := range []string{
		"name=", "name=+", "room=a%0Ab", "name=a%00b", "name=" + strings.Repeat("x", 41), "room=__all",
	} {
		_, err := f.Connect("/sse?" + query)
		rejection, ok := err.(*roomcast.Rejection)
		if !ok || rejection.Status != 400 || !strings.Contains(rejection.Body, query[:4]) {
			t.Errorf("%s: %v", query, err)
		}
	}
	f.connect("/sse?name=" + strings.Repeat("%C3%B6", 40))
	if rooms := f.Rooms(); !reflect.DeepEqual(rooms, []string{"__all", "lobby"}) {
		t.Errorf("rooms %v", rooms)
	}
}

func TestWhatIsSaidReachesTheRoom(t *testing.T) {
	f, ada, bob := adaAndBob(t)
	eve := f.connect("/sse?name=Eve&room=cake")
	f.Received(eve)
	f.say(ada, `{"type":"say","text":"hi <all>"}`)
	chat := event("chat", `{"room":"tea","name":"Ada","text":"hi <all>"}`)
	f.expect(ada, chat)
	f.expect(bob, chat)
	f.expect(eve)
}

func TestMovingTellsBothRooms(t *testing.T) {
	f, ada, bob := adaAndBob(t)
	eve := f.connect("/sse?name=Eve&room=cake")
	f.Advance(gather)
	f.Received(eve)
	f.say(ada, `{"type":"move","room":"cake"}`)
	f.Advance(gather)
	atCake := presenceOf("cake", 2, `["Ada"]`, `[]`)
	f.expect(ada, welcomeOf(ada, "Ada", "cake", 2, `["Eve","Ada"]`), atCake)
	f.expect(eve, atCake)
	f.expect(bob, presenceOf("tea", 1, `[]`, `["Ada"]`))
}

func TestMovingToWhereOneIsTellsNobody(t *testing.T) {
	f, ada, bob := adaAndBob(t)
	f.say(ada, `{"type":"move","room":"tea"}`)
	f.Advance(gather)
	f.expect(ada, welcomeOf(ada, "Ada", "tea", 2, `["Ada","Bob"]`))
	f.expect(bob)
}

func TestANewNameIsTold(t *testing.T) {
	f, ada, bob := adaAndBob(t)
	f.say(ada, `{"type":"name","name":"Eve"}`)
	f.Advance(gather)
	f.expect(bob, presenceOf("tea", 2, `["Eve"]`, `["Ada"]`))
}

func TestADepartureIsTold(t *testing.T) {
	f, ada, bob := adaAndBob(t)
	f.Disconnect(ada, roomcast.ClientClosed)
	f.Advance(gather)
	f.expect(bob, presenceOf("tea", 1, `[]`, `["Ada"]`))
}

func TestAQuickReconnectIsNoNews(t *testing.T) {
	f, ada, bob := adaAndBob(t)
	f.Disconnect(ada, roomcast.ClientClosed)
	f.connect("/sse?name=Ada&room=tea")
	f.Advance(gather)
	f.expect(bob)
}

func TestBadMessagesAreAnsweredWithWhatIsWrong(t *testing.T) {
	f, ada, bob := adaAndBob(t)
	for body, named := range map[string]string{
		`hi`:                          "JSON",
		`{"type":"say"}`:              "text",
		`{"type":"sing","text":"la"}`: "sing",
		`{"text":"la"}`:               "type",
		`{"type":"say","text":" "}`:   "empty",
		`{"type":"say","text":"` + strings.Repeat("x", 2001) + `"}`: "2,000",
		`{"type":"move","room":""}`:                                 "room",
		`{"type":"name","name":"a\nb"}`:                             "name",
	} {
		if _, err := f.Message(ada, body); err == nil || !strings.Contains(err.Error(), named) {
			t.Errorf("%s: %v", body, err)
		}
	}
	if _, err := f.Message(roomcast.Connection{}, `{"type":"say","text":"hi"}`); err == nil || !strings.Contains(err.Error(), "Roomcast-Connection") {
		t.Errorf("no connection: %v", err)
	}
	f.expect(bob)
}

func TestTenThousandArrivalsCostAFewEvents(t *testing.T) {
	f := start(t)
	first := f.connect("/sse?name=n0")
	for number := 1; number < 10_000; number++ {
		f.connect(fmt.Sprintf("/sse?name=n%d", number))
		f.Advance(100 * time.Microsecond)
	}
	f.Advance(gather)
	events := f.Received(first)[1:]
	if len(events) > 4 {
		t.Errorf("%d events", len(events))
	}
	all := 0
	for _, e := range events {
		var data changed
		if err := json.Unmarshal([]byte(e.Data), &data); err != nil || len(data.Joined) > maxNames {
			t.Errorf("%s: %v", e.Data, err)
		}
		all += len(data.Joined) + data.More
	}
	if all != 10_000 {
		t.Errorf("%d people were told", all)
	}
}

func TestAReloadGoesUnnoticed(t *testing.T) {
	f, ada, bob := adaAndBob(t)
	eve := f.connect("/sse?name=Eve&room=tea")
	f.Received(eve)
	if err := f.Reload(); err != nil {
		t.Fatal(err)
	}
	f.Advance(gather)
	f.expect(ada, presenceOf("tea", 3, `["Eve"]`, `[]`))
	f.say(bob, `{"type":"say","text":"still here"}`)
	f.Disconnect(ada, roomcast.ClientClosed)
	f.Advance(gather)
	f.expect(eve, presenceOf("tea", 3, `["Eve"]`, `[]`), event("chat", `{"room":"tea","name":"Bob","text":"still here"}`),
		presenceOf("tea", 2, `[]`, `["Ada"]`))
}

func TestTheStateIsThatOfTheOtherLanguages(t *testing.T) {
	l := &lobby{people: map[roomcast.Connection]*person{{High: 1}: {"Ada", "tea"}}, presence: newPresence()}
	l.presence.changes["tea"] = &change{Joined: []string{"Ada"}, Left: []string{}}
	state, err := l.save()
	want := `{"people":{"00000000-0000-0001-0000-000000000000":{"name":"Ada","room":"tea"}},"presence":{"changes":{"tea":{"joined":["Ada"],"left":[],"more":0}}}}`
	if string(state) != want || err != nil {
		t.Errorf("%s, %v", state, err)
	}
}

func TestForeignStateIsRefused(t *testing.T) {
	if err := new(lobby).restore([]byte(`{}`)); err == nil || !strings.Contains(err.Error(), "people") {
		t.Errorf("%v", err)
	}
}

func TestAfterACrashPeopleAreKnownByTheirTags(t *testing.T) {
	f, ada, bob := adaAndBob(t)
	if err := f.Crash(); err != nil {
		t.Fatal(err)
	}
	eve := f.connect("/sse?name=Eve&room=tea")
	f.expect(eve, welcomeOf(eve, "Eve", "tea", 3, `["Ada","Bob","Eve"]`))
	f.say(ada, `{"type":"say","text":"hi"}`)
	f.expect(bob, event("chat", `{"room":"tea","name":"Ada","text":"hi"}`))
}
