// Rooms, presence and chat.
//
// A client opens /sse?name=Ada&room=tea and gets welcome, then presence and chat; it posts JSON to /send to say
// something, to move to another room, or to take another name. The README has the messages.
package main

import (
	"errors"

	"github.com/roomcast/roomcast/guest-sdk/go/roomcast"
)

const (
	defaultRoom = "lobby"
	// maxPeople is the maximum number of names in a welcome.
	maxPeople = 50
)

// lobby is the connections with their rooms, and the pending presence changes.
type lobby struct {
	people   map[roomcast.Connection]*person
	presence presence
}

type person struct {
	Name string `json:"name"`
	Room string `json:"room"`
}

func main() {
	l := &lobby{people: map[roomcast.Connection]*person{}, presence: newPresence()}
	roomcast.OnConnect(l.connect)
	roomcast.OnDisconnect(l.disconnect)
	roomcast.OnMessage(l.message)
	roomcast.OnTimer(func(string) { l.presence.tell() })
	roomcast.OnSave(l.save)
	roomcast.OnRestore(l.restore)
}

func (l *lobby) connect(c roomcast.Connection, r *roomcast.Request) error {
	name, ok := r.Parameter("name")
	if !ok {
		name = guestName(c)
	}
	name, err := personName(name)
	if err != nil {
		return err
	}
	room, ok := r.Parameter("room")
	if !ok {
		room = defaultRoom
	}
	room, err = roomName(room)
	if err != nil {
		return err
	}
	if err := c.Join(room); err != nil {
		return err
	}
	if err := c.SetTag(name); err != nil {
		return err
	}
	l.presence.join(room, name)
	l.people[c] = &person{name, room}
	return l.welcome(c, l.people[c])
}

func (l *lobby) disconnect(c roomcast.Connection, _ roomcast.DisconnectReason) {
	if p, ok := l.people[c]; ok {
		delete(l.people, c)
		l.presence.leave(p.Room, p.Name)
	}
}

func (l *lobby) message(c roomcast.Connection, _ *roomcast.Request, body roomcast.Body) (*roomcast.Response, error) {
	if c.IsZero() {
		return nil, errors.New("name your stream: send its id in the header `Roomcast-Connection`")
	}
	m, err := readMessage(body)
	if err != nil {
		return nil, err
	}
	p, err := l.person(c)
	if err != nil {
		return nil, err
	}
	switch m.Type {
	case "say":
		err = say(p, *m.Text)
	case "move":
		err = l.move(c, p, *m.Room)
	case "name":
		err = l.rename(c, p, *m.Name)
	}
	return roomcast.Accepted(), err
}

func say(p *person, text string) error {
	_, err := roomcast.Broadcast(p.Room, roomcast.JSON("chat", chat{p.Room, p.Name, text}))
	return err
}

// move joins the new room first, so that a connection is always in a room.
func (l *lobby) move(c roomcast.Connection, p *person, room string) error {
	room, err := roomName(room)
	if err != nil {
		return err
	}
	if room != p.Room {
		if err := c.Join(room); err != nil {
			return err
		}
		if err := c.Leave(p.Room); err != nil {
			return err
		}
		l.presence.leave(p.Room, p.Name)
		p.Room = room
		l.presence.join(p.Room, p.Name)
	}
	return l.welcome(c, p)
}

func (l *lobby) rename(c roomcast.Connection, p *person, name string) error {
	name, err := personName(name)
	if err != nil || name == p.Name {
		return err
	}
	if err := c.SetTag(name); err != nil {
		return err
	}
	l.presence.leave(p.Room, p.Name)
	p.Name = name
	l.presence.join(p.Room, p.Name)
	return nil
}

// welcome sends a connection its welcome.
func (l *lobby) welcome(c roomcast.Connection, p *person) error {
	page, err := roomcast.Members(p.Room, nil, maxPeople)
	if err != nil {
		return err
	}
	people := []string{}
	for _, member := range page.Members {
		if name := l.nameOf(member); name != "" {
			people = append(people, name)
		}
	}
	return c.Send(roomcast.JSON("welcome", welcome{c, p.Name, p.Room, page.Total, people}))
}

func (l *lobby) nameOf(c roomcast.Connection) string {
	if p, ok := l.people[c]; ok {
		return p.Name
	}
	name, _ := c.Tag() // empty for a connection that has just ended
	return name
}

// person returns the person of a connection. After a crash this instance may not know it yet, and recovers it from the hub: the
// connection's tag is the name.
func (l *lobby) person(c roomcast.Connection) (*person, error) {
	if p, ok := l.people[c]; ok {
		return p, nil
	}
	name, err := c.Tag()
	if err != nil {
		return nil, err
	}
	rooms, err := c.Rooms()
	if err != nil {
		return nil, err
	}
	for _, room := range rooms {
		if _, err := roomName(room); err == nil {
			l.people[c] = &person{name, room}
			return l.people[c], nil
		}
	}
	return nil, errors.New("you are in no room: open the stream again")
}
