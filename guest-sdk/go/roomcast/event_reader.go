package roomcast

import (
	"bytes"
	"strings"
)

// EventReader makes events of an answer of the type text/event-stream that comes in pieces, cut wherever it may be. The
// zero value is ready, for one fetch. It is plain data, so a reader that is part of the plugin's state goes on in the
// middle of an event after a reload.
type EventReader struct {
	// Rest is what has come of the next event so far.
	Rest []byte
	// Begun says that the start of the stream has come, where a byte order mark may be.
	Begun bool `json:",omitempty"`
	// AfterCR says that a line has ended with CR: an LF that comes next belongs to it.
	AfterCR bool `json:",omitempty"`

	// line is where the line begins in Rest that has not ended yet, and seen what of it has been looked at.
	line, seen int
}

const byteOrderMark = "\uFEFF"

// Feed takes the next piece, and answers the events that are complete with it. Each has the Name, Data and ID that its own
// lines say; one without data is left out, as in a browser.
func (r *EventReader) Feed(chunk []byte) []Event {
	if r.seen != len(r.Rest) {
		// It has been restored: the lines in Rest have ended but for the last, and make no event yet.
		r.line, r.seen = bytes.LastIndexAny(r.Rest, "\r\n")+1, len(r.Rest)
	}
	r.Rest = append(r.Rest, chunk...)
	if !r.begin() {
		return nil
	}
	var events []Event
	for {
		if r.AfterCR && r.seen < len(r.Rest) {
			r.AfterCR = false
			if r.Rest[r.seen] == '\n' {
				r.seen++
				r.line = r.seen
			}
		}
		size := bytes.IndexAny(r.Rest[r.seen:], "\r\n")
		if size < 0 {
			r.seen = len(r.Rest)
			return events
		}
		end := r.seen + size
		r.seen = end + 1
		r.AfterCR = r.Rest[end] == '\r'
		if end > r.line {
			r.line = r.seen
			continue
		}
		if event, ok := parseEvent(string(r.Rest[:r.line])); ok {
			events = append(events, event)
		}
		r.Rest = r.Rest[r.seen:]
		r.line, r.seen = 0, 0
	}
}

// begin takes the byte order mark off the start of the stream, and answers false until it is known whether there is one.
func (r *EventReader) begin() bool {
	if r.Begun {
		return true
	}
	if len(r.Rest) < len(byteOrderMark) && strings.HasPrefix(byteOrderMark, string(r.Rest)) {
		return false
	}
	r.Rest = bytes.TrimPrefix(r.Rest, []byte(byteOrderMark))
	r.Begun, r.line, r.seen = true, 0, 0
	return true
}

// parseEvent reads the lines of one event; it is none without data.
func parseEvent(lines string) (event Event, ok bool) {
	var data []string
	lines = strings.ReplaceAll(strings.ReplaceAll(lines, "\r\n", "\n"), "\r", "\n")
	for line := range strings.SplitSeq(lines, "\n") {
		field, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch field {
		case "data":
			data = append(data, value)
		case "event":
			event.Name = value
		case "id":
			if !strings.ContainsRune(value, 0) {
				event.ID = value
			}
		}
	}
	event.Data = strings.Join(data, "\n")
	return event, data != nil
}
