// Package wire converts events to the contract's type and back, for the package roomcast and for tests.
package wire

import (
	"math"
	"time"

	types "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_types"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/host"
	wit "github.com/roomcast/roomcast/guest-sdk/go/internal/wit/types"
)

// Event has the fields of roomcast.Event.
type Event struct {
	Data, Name, ID string
	ResetID        bool
	Retry          time.Duration
}

// Lower converts to the contract's event.
func (e Event) Lower() types.Event {
	event := types.Event{Data: host.Text(e.Data), Event: filled(e.Name), Id: filled(e.ID), RetryMs: wit.None[uint32]()}
	if e.ResetID {
		event.Id = wit.Some("")
	}
	if e.Retry != 0 {
		// The host refuses a retry that is too short.
		event.RetryMs = wit.Some(uint32(max(0, min(Milliseconds(e.Retry), math.MaxUint32))))
	}
	return event
}

// Read converts from the contract's event.
func Read(event types.Event) Event {
	e := Event{Data: event.Data, Name: event.Event.SomeOr(""), ID: event.Id.SomeOr("")}
	e.ResetID = event.Id.IsSome() && e.ID == ""
	e.Retry = time.Duration(event.RetryMs.SomeOr(0)) * time.Millisecond
	return e
}

// Milliseconds rounds up.
func Milliseconds(d time.Duration) int64 {
	whole := int64(d / time.Millisecond)
	if d%time.Millisecond > 0 {
		whole++
	}
	return whole
}

// filled is none for an empty text.
func filled(text string) wit.Option[string] {
	if text == "" {
		return wit.None[string]()
	}
	return wit.Some(host.Text(text))
}
