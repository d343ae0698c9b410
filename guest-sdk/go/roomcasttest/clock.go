package roomcasttest

import (
	"slices"
	"testing/synctest"
	"time"
)

// clock stands still until the test advances it. In a bubble of testing/synctest, the time of the package time goes along.
type clock struct {
	start  time.Time
	bubble bool
	now    time.Duration
	last   uint64
	timers []*timer
}

type timer struct {
	id         uint64
	due, delay time.Duration
	every      bool
	token      string
}

func newClock() clock {
	if inBubble() {
		return clock{start: time.Now(), bubble: true}
	}
	return clock{start: time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)}
}

// inBubble reports whether the test runs in [synctest.Test].
func inBubble() (is bool) {
	defer func() { is = recover() == nil }()
	synctest.Wait() // panics outside
	return true
}

func (c *clock) time() time.Time {
	return c.start.Add(c.now)
}

func (c *clock) moveTo(now time.Duration) {
	if c.bubble {
		time.Sleep(now - c.now)
	}
	c.now = now
}

func (c *clock) set(delay time.Duration, every bool, token string) uint64 {
	c.last++
	c.timers = append(c.timers, &timer{id: c.last, due: c.now + delay, delay: delay, every: every, token: token})
	return c.last
}

func (c *clock) cancel(id uint64) bool {
	before := len(c.timers)
	c.timers = slices.DeleteFunc(c.timers, func(t *timer) bool { return t.id == id })
	return len(c.timers) < before
}

// next advances to the next firing, at most to end. It returns its token, or false once the clock has reached end.
func (c *clock) next(end time.Duration) (token string, fired bool) {
	var first *timer
	for _, t := range c.timers {
		if t.due <= end && (first == nil || t.due < first.due) {
			first = t
		}
	}
	if first == nil {
		c.moveTo(end)
		return "", false
	}
	c.moveTo(first.due)
	if first.every {
		first.due += first.delay
	} else {
		c.cancel(first.id)
	}
	return first.token, true
}

// take removes and returns the timers, while a new instance starts.
func (c *clock) take() []*timer {
	taken := c.timers
	c.timers = nil
	return taken
}

// adopt hands the timers of the previous instance over, as the host does: if the new instance has set one with the same token,
// the old one is dropped; if the delay is the same as well, the new one fires when the dropped one would have.
func (c *clock) adopt(old []*timer) {
	own := c.timers
	kept := map[*timer]bool{}
	for _, before := range old {
		same := slices.ContainsFunc(own, func(t *timer) bool { return t.token == before.token })
		if !same {
			c.timers = append(c.timers, before)
			continue
		}
		for _, t := range own {
			if !kept[t] && t.token == before.token && t.delay == before.delay && t.every == before.every {
				kept[t] = true
				t.due = before.due
				break
			}
		}
	}
}
