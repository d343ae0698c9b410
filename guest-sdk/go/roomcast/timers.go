package roomcast

import (
	"math"
	"time"

	"github.com/roomcast/roomcast/guest-sdk/go/internal/host"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/wire"
)

// Timer is a timer that was set. Timers go on by themselves when the plugin is reloaded; if the new version sets one
// with the same token when it starts, the old one is dropped.
type Timer uint64

const (
	once uint8 = iota
	every
)

// After has OnTimer called once with token (at most 1 KiB) after a delay, which is rounded up to milliseconds and at
// least one. A plugin has at most 1,000 timers at once, and has to register [OnTimer].
func After(delay time.Duration, token string) (Timer, error) {
	return set(delay, once, token)
}

// Every has OnTimer called with token in every period, until the timer is cancelled. A firing that falls behind is
// skipped, not made up for. Otherwise it is as [After].
func Every(period time.Duration, token string) (Timer, error) {
	return set(period, every, token)
}

// Cancel takes the timer back. False when it is gone already.
func (t Timer) Cancel() bool {
	return host.CancelTimer(uint64(t))
}

func set(delay time.Duration, repetition uint8, token string) (Timer, error) {
	if wire.Milliseconds(delay) > math.MaxUint32 {
		return 0, invalid("delay-ms", "is at most 4,294,967,295: set a shorter timer, and set it again when it fires")
	}
	timer, err := answer(host.SetTimer(uint32(max(wire.Milliseconds(delay), 0)), repetition, token))
	return Timer(timer), err
}
