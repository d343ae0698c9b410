package roomcast

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	types "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_types"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/wire"
)

// Event is one server-sent event. The host does the framing. Events are comparable with ==.
type Event struct {
	// Data is the payload. Any text; each CR, LF or CRLF ends a line, and the client sees the lines joined by LF.
	Data string
	// Name is the event's type, which clients pass to addEventListener; empty means message. No CR, LF or NUL.
	Name string
	// ID is the client's new last event id. No control characters, at most 1 KiB. Empty leaves it unchanged.
	ID string
	// ResetID makes the client's last event id empty.
	ResetID bool
	// Retry is the client's new reconnection time, at least 500 ms. 0 leaves it unchanged.
	Retry time.Duration

	// err is why the data could not be serialized; sending the event returns it.
	err error
}

// JSON returns an event with this name whose payload is data as JSON, on one line. If data cannot be serialized, for
// example because it contains a function, sending the event returns the error.
func JSON(name string, data any) Event {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(data); err != nil {
		return Event{Name: name, err: invalid("event.data", fmt.Sprintf("the data of event %q: %v", name, err))}
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
