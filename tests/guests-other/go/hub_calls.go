package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/roomcast/roomcast/guest-sdk/go/roomcast"
)

// hubCall runs a command if it is one about connections and rooms.
func hubCall(op string, c command, sender roomcast.Connection) (object, error) {
	if result, err := roomCall(op, c); result != nil || err != nil {
		return result, err
	}
	connection, err := c.optionalConnection("connection", sender)
	if err != nil {
		return nil, err
	}
	result, err := connectionCall(op, c, connection)
	if result != nil && connection.IsZero() {
		err = errors.New("no `connection`")
	}
	return result, err
}

// optionalConnection reads an argument; the fallback if it is missing.
func (c command) optionalConnection(name string, fallback roomcast.Connection) (roomcast.Connection, error) {
	id, ok := c.optionalText(name)
	if !ok {
		return fallback, nil
	}
	return roomcast.ParseConnection(id)
}

func connectionCall(op string, c command, connection roomcast.Connection) (object, error) {
	switch op {
	case "send-event":
		event, err := eventOf(c)
		return ifSound(err, func() object { return done(connection.Send(event)) })
	case "send-comment":
		text, err := c.text("text")
		return ifSound(err, func() object { return done(connection.Comment(text)) })
	case "close":
		return done(connection.Close()), nil
	case "is-open":
		return object{"ok": connection.IsOpen()}, nil
	case "join":
		room, err := c.text("room")
		return ifSound(err, func() object { return done(connection.Join(room)) })
	case "leave":
		room, err := c.text("room")
		return ifSound(err, func() object { return done(connection.Leave(room)) })
	case "rooms-of":
		rooms, err := connection.Rooms()
		return result(list(rooms), err), nil
	case "tag":
		tag, err := connection.Tag()
		return result(filled(tag), err), nil
	case "set-tag":
		if tag, ok := c.optionalText("tag"); ok {
			return done(connection.SetTag(tag)), nil
		}
		return done(connection.ClearTag()), nil
	}
	return nil, nil
}

func roomCall(op string, c command) (object, error) {
	except, err := c.optionalConnection("except", roomcast.Connection{})
	if err != nil {
		return nil, err
	}
	switch op {
	case "broadcast":
		room, err := c.text("room")
		event, err2 := eventOf(c)
		return ifSound(errors.Join(err, err2), func() object { return result(roomcast.BroadcastExcept(room, event, except)) })
	case "broadcast-many":
		rooms, err := required[[]string](c, "rooms")
		event, err2 := eventOf(c)
		duplicates, err3 := duplicatesOf(c)
		return ifSound(errors.Join(err, err2, err3), func() object {
			return result(roomcast.BroadcastMany(rooms, event, except, duplicates))
		})
	case "members":
		room, err := c.text("room")
		limit, err2 := required[uint32](c, "limit")
		at, _ := optional[*roomcast.Cursor](c, "at")
		return ifSound(errors.Join(err, err2), func() object {
			page, err := roomcast.Members(room, at, int(limit))
			return result(object{"members": list(page.Members), "total": page.Total, "next": page.Next}, err)
		})
	case "count":
		room, err := c.text("room")
		return ifSound(err, func() object { return result(roomcast.Count(room)) })
	}
	return nil, nil
}

func ifSound(err error, call func() object) (object, error) {
	if err != nil {
		return nil, err
	}
	return call(), nil
}

func duplicatesOf(c command) (roomcast.Duplicates, error) {
	switch name, _ := c.optionalText("duplicates"); name {
	case "", "drop":
		return roomcast.DropDuplicates, nil
	case "keep":
		return roomcast.KeepDuplicates, nil
	default:
		return 0, fmt.Errorf("no duplicates %s", name)
	}
}

func eventOf(c command) (roomcast.Event, error) {
	given, err := required[struct {
		Data  *string `json:"data"`
		Event string  `json:"event"`
		ID    *string `json:"id"`
		Retry *uint32 `json:"retry_ms"`
	}](c, "event")
	if err != nil || given.Data == nil {
		return roomcast.Event{}, errors.New("no text `event.data`")
	}
	event := roomcast.Event{Data: *given.Data, Name: given.Event}
	if given.ID != nil {
		event.ID, event.ResetID = *given.ID, *given.ID == ""
	}
	if given.Retry != nil {
		event.Retry = time.Duration(*given.Retry) * time.Millisecond
	}
	return event, nil
}
