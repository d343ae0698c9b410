package roomcasttest

import (
	"slices"
	"time"
)

// clock stands still until it is told to go on.
type clock struct {
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

// next goes on to the next firing, but not beyond end: its token, or false when the clock has reached end.
func (c *clock) next(end time.Duration) (token string, fired bool) {
	var first *timer
	for _, t := range c.timers {
		if t.due <= end && (first == nil || t.due < first.due) {
			first = t
		}
	}
	if first == nil {
		c.now = end
		return "", false
	}
	c.now = first.due
	if first.every {
		first.due += first.delay
	} else {
		c.cancel(first.id)
	}
	return first.token, true
}

// take takes the timers out, for the time in which another instance is tried.
func (c *clock) take() []*timer {
	taken := c.timers
	c.timers = nil
	return taken
}

// adopt has another instance go on with the timers of the one before, as on a real host. Where it has set one with the
// same token by itself the old one is dropped, and with the same delay keeps its time.
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
