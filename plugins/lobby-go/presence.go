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
	// gather is how long changes are gathered.
	gather = 250 * time.Millisecond
	// maxNames is how many names each list of an event has.
	maxNames = 20
)

// presence is who has come and gone, gathered for a moment and told once.
//
// Telling each arrival to everybody would cost the square of their number: a room that 10,000 people enter would send
// 50 million events. So the first change starts a timer, and when it fires every changed room gets one event, of a
// bounded size.
type presence struct {
	changes map[string]*change
	// running says that the timer runs.
	running bool
}

// change is what has changed in a room since the last telling.
type change struct {
	Joined []string `json:"joined"`
	Left   []string `json:"left"`
	More   int      `json:"more"`
}

func newPresence() presence {
	return presence{changes: map[string]*change{}}
}

// join notes that somebody has come into a room.
func (p *presence) join(room, name string) {
	c := p.change(room)
	c.More += note(name, &c.Joined, &c.Left)
}

// leave notes that somebody has left a room.
func (p *presence) leave(room, name string) {
	c := p.change(room)
	c.More += note(name, &c.Left, &c.Joined)
}

// tell tells every changed room, once.
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

// startTimer starts the timer if there is something to tell and it does not run; a new instance begins without one.
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

// note notes a name in one list; somebody who has come and gone in between, or the other way round (a reconnect), has
// not changed anything. It answers how many names were left out: 0 or 1.
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
