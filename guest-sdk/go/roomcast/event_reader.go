package roomcast

import (
	"bytes"
	"strings"
)

// EventReader makes events of an answer of the type text/event-stream that comes in pieces, cut wherever it may be. The
// zero value is ready, for one fetch.
type EventReader struct {
	// Rest is what has come of the next event so far. It is all that the reader has to keep, so a reader that is part of
	// the plugin's state goes on in the middle of an event after a reload.
	Rest []byte

	// line is where the line begins in Rest that has not ended yet.
	line int
}

// Feed takes the next piece, and answers the events that are complete with it. Each has the Name, Data and ID that its own
// lines say; one without data is left out, as in a browser.
func (r *EventReader) Feed(chunk []byte) []Event {
	r.Rest = append(r.Rest, chunk...)
	var events []Event
	for {
		size := bytes.IndexAny(r.Rest[r.line:], "\r\n")
		if size < 0 {
			return events
		}
		next := r.line + size + 1
		if r.Rest[next-1] == '\r' {
			// The LF that belongs to it may be in the next piece.
			if next == len(r.Rest) {
				return events
			}
			if r.Rest[next] == '\n' {
				next++
			}
		}
		if size > 0 {
			r.line = next
			continue
		}
		if event, ok := parseEvent(string(r.Rest[:r.line])); ok {
			events = append(events, event)
		}
		r.Rest = r.Rest[next:]
		r.line = 0
	}
}

// parseEvent reads the lines of one event; it is none without data.
func parseEvent(lines string) (event Event, ok bool) {
	var data []string
	lines = strings.ReplaceAll(strings.ReplaceAll(lines, "\r\n", "\n"), "\r", "\n")
	for line := range strings.SplitSeq(strings.TrimPrefix(lines, "\uFEFF"), "\n") {
		field, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch field {
		case "data":
			data = append(data, value)
		case "event":
			event.Name = value
		case "id":
			event.ID = value
		}
	}
	event.Data = strings.Join(data, "\n")
	return event, data != nil
}
