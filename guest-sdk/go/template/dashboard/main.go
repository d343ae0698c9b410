// Numbers that change, and go to everyone who looks.
package main

import (
	"encoding/json"
	"log"
	"time"

	"github.com/roomcast/roomcast/guest-sdk/go/roomcast"
)

type numbers map[string]float64

// values has the last value of each number, changed those that the clients have not been told yet.
var values, changed = numbers{}, numbers{}

func main() {
	roomcast.OnInit(func() error {
		_, err := roomcast.Every(time.Second, "count")
		return err
	})

	roomcast.OnConnect(func(c roomcast.Connection, r *roomcast.Request) error {
		return c.Send(roomcast.JSON("numbers", values))
	})

	// A back end publishes to the room "numbers". No client is in it: what is published there is for this plugin alone.
	roomcast.OnPublish(func(room string, e *roomcast.Event, from roomcast.Origin) error {
		if room != "numbers" {
			return nil
		}
		var published numbers
		if err := json.Unmarshal([]byte(e.Data), &published); err != nil {
			return roomcast.BadRequest(`send numbers by their names, such as {"cpu": 42.5}`)
		}
		return update(published)
	})

	roomcast.OnTimer(func(token string) {
		var err error
		if token == "count" {
			var streams int
			if streams, err = roomcast.Count("__all"); err == nil {
				err = update(numbers{"streams": float64(streams)})
			}
		} else {
			_, err = roomcast.Broadcast("__all", roomcast.JSON("numbers", changed))
			changed = numbers{}
		}
		if err != nil {
			log.Println(err)
		}
	})

	roomcast.OnSave(func() ([]byte, error) { return json.Marshal(values) })

	roomcast.OnRestore(func(state []byte) error {
		var saved numbers
		if err := json.Unmarshal(state, &saved); err != nil {
			return err
		}
		return update(saved)
	})
}

// update has the clients told: however often a number changes, they get its latest value at most ten times a second.
func update(news numbers) error {
	for name, value := range news {
		if last, known := values[name]; known && last == value {
			continue
		}
		if len(changed) == 0 {
			if _, err := roomcast.After(100*time.Millisecond, "tell"); err != nil {
				return err
			}
		}
		values[name], changed[name] = value, value
	}
	return nil
}
