package main

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/roomcast/roomcast/guest-sdk/go/roomcast"
)

const (
	// gather is how long changes are collected.
	gather = 250 * time.Millisecond
	// maxNames is the maximum number of names in each list of an event.
	maxNames = 20
)

// presence is joins and leaves, batched into one event.
//
// An event for each join would be quadratic: a room that 10,000 people enter would send 50 million events. So the first
// change starts a timer; when it fires, every changed room gets one event of bounded size.
type presence struct {
	changes map[string]*change
	// running is whether the timer is set.
	running bool
}

// change is the changes of a room since its last event.
type change struct {
	Joined []string `json:"joined"`
	Left   []string `json:"left"`
	More   int      `json:"more"`
}

func newPresence() presence {
	return presence{changes: map[string]*change{}}
}

// join records that a person has joined a room.
func (p *presence) join(room, name string) {
	c := p.change(room)
	c.More += note(name, &c.Joined, &c.Left)
}

// leave records that a person has left a room.
func (p *presence) leave(room, name string) {
	c := p.change(room)
	c.More += note(name, &c.Left, &c.Joined)
}

// tell sends each changed room one event.
func (p *presence) tell() {
	p.running = false
	for _, room := range slices.Sorted(maps.Keys(p.changes)) {
		c := p.changes[room]
		delete(p.changes, room)
		if len(c.Joined) == 0 && len(c.Left) == 0 && c.More == 0 {
			continue
		}
		count, err := roomcast.Count(room)
		if err == nil {
			_, err = roomcast.Broadcast(room, roomcast.JSON("presence", changed{room, count, c.Joined, c.Left, c.More}))
		}
		if err != nil {
			slog.Warn(fmt.Sprintf("room %s was not told who has come and gone: %v", room, err))
		}
	}
}

// startTimer sets the timer if there are changes and it is not set yet; a new instance starts without one.
func (p *presence) startTimer() {
	if p.running || len(p.changes) == 0 {
		return
	}
	if _, err := roomcast.After(gather, "presence"); err != nil {
		slog.Warn(fmt.Sprintf("presence waits for the next change: %v", err))
		return
	}
	p.running = true
}

func (p *presence) change(room string) *change {
	c, ok := p.changes[room]
	if !ok {
		c = &change{Joined: []string{}, Left: []string{}}
		p.changes[room] = c
	}
	p.startTimer()
	return c
}

// note records a name in one list. A join and a leave of the same name (a reconnect) cancel out. It returns how many names were
// left out: 0 or 1.
func note(name string, list, opposite *[]string) int {
	if at := slices.Index(*opposite, name); at >= 0 {
		*opposite = slices.Delete(*opposite, at, at+1)
	} else if len(*list) < maxNames {
		*list = append(*list, name)
	} else {
		return 1
	}
	return 0
}
