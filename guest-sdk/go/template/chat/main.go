// A chat: clients that open /sse?name=Ada get the messages that others post to /send.
package main

import (
	"log"

	"github.com/roomcast/roomcast/guest-sdk/go/roomcast"
)

func main() {
	roomcast.OnConnect(func(c roomcast.Connection, r *roomcast.Request) error {
		name, ok := r.Parameter("name")
		if !ok {
			return roomcast.BadRequest("tell your name: /sse?name=Ada")
		}
		log.Println(name, "is here")
		if err := c.SetTag(name); err != nil {
			return err
		}
		return c.Send(roomcast.Event{Name: "welcome", Data: c.String()})
	})

	roomcast.OnMessage(func(c roomcast.Connection, r *roomcast.Request, body roomcast.Body) (*roomcast.Response, error) {
		name, err := c.Tag()
		if err != nil {
			return nil, err
		}
		_, err = roomcast.Broadcast("__all", roomcast.Event{Name: "chat", Data: name + ": " + body.String()})
		return nil, err
	})
}
