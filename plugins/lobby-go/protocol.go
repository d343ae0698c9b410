package main

import (
	"encoding/json/v2"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/roomcast/roomcast/guest-sdk/go/roomcast"
)

const maxText = 2_000

// message is a client's message; its type says which of the texts it has.
type message struct {
	Type string  `json:"type"`
	Text *string `json:"text"`
	Room *string `json:"room"`
	Name *string `json:"name"`
}

// readMessage reads a message, and checks that it has the text that belongs to its type.
func readMessage(body []byte) (message, error) {
	var m message
	err := json.Unmarshal(body, &m)
	if err == nil {
		err = m.complete()
	}
	if err != nil {
		return m, fmt.Errorf(`%w; send JSON such as {"type":"say","text":"hi"}, or of type "move" or "name"`, err)
	}
	if m.Type != "say" {
		return m, nil
	}
	switch {
	case strings.TrimSpace(*m.Text) == "":
		return m, errors.New("`text` must not be empty")
	case utf8.RuneCountInString(*m.Text) > maxText:
		return m, errors.New("`text` is at most 2,000 characters long")
	}
	return m, nil
}

func (m message) complete() error {
	fields := map[string]struct {
		name  string
		value *string
	}{"say": {"text", m.Text}, "move": {"room", m.Room}, "name": {"name", m.Name}}
	switch field, ok := fields[m.Type]; {
	case m.Type == "":
		return errors.New("missing field `type`")
	case !ok:
		return fmt.Errorf("unknown variant `%s`, expected one of `say`, `move`, `name`", m.Type)
	case field.value == nil:
		return fmt.Errorf("missing field `%s`", field.name)
	}
	return nil
}

// welcome is sent to a connection that has joined a room.
type welcome struct {
	Connection roomcast.Connection `json:"connection"`
	Name       string              `json:"name"`
	Room       string              `json:"room"`
	// Count is the number of people in the room, and People are some of them.
	Count  int      `json:"count"`
	People []string `json:"people"`
}

// changed is sent to a room: joins and leaves since the last one.
type changed struct {
	Room string `json:"room"`
	// Count is the number of people in the room.
	Count  int      `json:"count"`
	Joined []string `json:"joined"`
	Left   []string `json:"left"`
	// More is the number of names left out of the two lists.
	More int `json:"more"`
}

// chat is sent to a room: a chat message.
type chat struct {
	Room string `json:"room"`
	Name string `json:"name"`
	Text string `json:"text"`
}
