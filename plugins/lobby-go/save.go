package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/roomcast/roomcast/guest-sdk/go/roomcast"
)

// saved is the state that is handed over at a reload, as JSON; it is the same in every language of this example.
type saved struct {
	People   map[roomcast.Connection]*person `json:"people"`
	Presence *savedPresence                  `json:"presence"`
}

type savedPresence struct {
	Changes map[string]*change `json:"changes"`
}

func (l *lobby) save() ([]byte, error) {
	return json.Marshal(saved{l.people, &savedPresence{l.presence.changes}})
}

func (l *lobby) restore(state []byte) error {
	var s saved
	err := json.Unmarshal(state, &s)
	switch {
	case err != nil:
	case s.People == nil:
		err = errors.New("missing field `people`")
	case s.Presence == nil || s.Presence.Changes == nil:
		err = errors.New("missing field `presence`")
	}
	if err != nil {
		return fmt.Errorf("the saved state is not a lobby's: %w", err)
	}
	l.people = s.People
	l.presence.changes = s.Presence.Changes
	l.presence.startTimer()
	return nil
}
