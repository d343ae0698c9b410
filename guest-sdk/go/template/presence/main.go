// Who is here, and whether they are active, away or typing.
package main

import (
	"encoding/json"
	"log"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/roomcast/roomcast/guest-sdk/go/roomcast"
)

type person struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	State string `json:"state"`
}

// changes are the people who have changed since the others were told, the last change of each.
var changes []person

func main() {
	// A client opens /sse?name=Ada.
	roomcast.OnConnect(func(c roomcast.Connection, r *roomcast.Request) error {
		name, _ := r.Parameter("name")
		if length := utf8.RuneCountInString(name); length < 1 || length > 40 {
			return roomcast.BadRequest("a name of 1 to 40 characters is required: /sse?name=Ada")
		}
		// The beginning of the connection's id: who knows the whole can post in its name.
		if err := put(c, person{ID: c.String()[:8], Name: name, State: "active"}); err != nil {
			return err
		}
		return c.Send(roomcast.JSON("people", people()))
	})

	// A client posts {"state": "typing"}.
	roomcast.OnMessage(func(c roomcast.Connection, r *roomcast.Request, body roomcast.Body) (*roomcast.Response, error) {
		if c.IsZero() {
			return nil, roomcast.BadRequest("name your stream in the header Roomcast-Connection")
		}
		var message struct{ State string }
		if err := body.JSON(&message); err != nil || !slices.Contains([]string{"active", "away", "typing"}, message.State) {
			return nil, roomcast.BadRequest("`state` is \"active\", \"away\" or \"typing\"")
		}
		person := personOf(c)
		person.State = message.State
		return nil, put(c, person)
	})

	roomcast.OnDisconnect(func(c roomcast.Connection, reason roomcast.DisconnectReason) {
		person := personOf(c)
		person.State = "left"
		note(person)
	})

	roomcast.OnTimer(func(token string) {
		event := roomcast.JSON("presence", changes)
		if len(changes) == 0 {
			// After a reload the timer goes on, but the changes are lost: then everyone gets everything.
			event = roomcast.JSON("people", people())
		}
		changes = nil
		warn(roomcast.Broadcast("__all", event))
	})
}

// put makes the person the connection's tag. The hub keeps it, so it outlives this instance.
func put(c roomcast.Connection, p person) error {
	tag, _ := json.Marshal(p)
	note(p)
	return c.SetTag(string(tag))
}

func personOf(c roomcast.Connection) (p person) {
	tag, _ := c.Tag()
	_ = json.Unmarshal([]byte(tag), &p)
	return p
}

// note has the others told, together with what else changes in the next quarter of a second.
func note(p person) {
	if len(changes) == 0 {
		warn(roomcast.After(250*time.Millisecond, "tell"))
	}
	changes = append(slices.DeleteFunc(changes, func(other person) bool { return other.ID == p.ID }), p)
}

// people are those who are here.
func people() (all []person) {
	for c := range roomcast.AllMembers("__all") {
		all = append(all, personOf(c))
	}
	return all
}

func warn[T any](_ T, err error) {
	if err != nil {
		log.Println(err)
	}
}
