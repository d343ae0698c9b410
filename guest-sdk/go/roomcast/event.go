package roomcast

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	types "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_types"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/wire"
)

// Event is one server-sent event. The host does all framing. Two events are the same if == says so.
type Event struct {
	// Data is the payload. Any text; each CR, LF or CRLF in it ends a line, and the receiver sees the lines joined by
	// LF.
	Data string
	// Name is the event's type, what addEventListener listens to; empty means message. No CR, LF or NUL.
	Name string
	// ID is the new value of the client's last event id. Characters A-Z a-z 0-9 . _ -, at most 128. Empty leaves it as
	// it is.
	ID string
	// ResetID makes the client's last event id empty.
	ResetID bool
	// Retry is how long the client waits before it reconnects, to the millisecond; at least half a second. 0 leaves it as
	// it is.
	Retry time.Duration

	// err is why the data could not be made; whoever sends the event gets it.
	err error
}

// JSON is an event with this name whose payload is the JSON of data, on one line. If data cannot be JSON, for example
// because it holds a function, sending the event answers the error.
func JSON(name string, data any) Event {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(data); err != nil {
		return Event{Name: name, err: fmt.Errorf("the data of event %q: %w", name, err)}
	}
	return Event{Name: name, Data: string(bytes.TrimSuffix(text.Bytes(), []byte("\n")))}
}

func (e Event) lower() types.Event {
	return wire.Event{Data: e.Data, Name: e.Name, ID: e.ID, ResetID: e.ResetID, Retry: e.Retry}.Lower()
}

func readEvent(event types.Event) Event {
	e := wire.Read(event)
	return Event{Data: e.Data, Name: e.Name, ID: e.ID, ResetID: e.ResetID, Retry: e.Retry}
}
