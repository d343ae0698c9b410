package roomcast

import (
	"bytes"
	"strings"
)

// EventReader parses an answer of the type text/event-stream from chunks that may end anywhere. The zero value is ready, for
// one fetch. It is plain data, so a reader that is part of the plugin's state continues after a reload, even in the middle
// of an event.
type EventReader struct {
	// Rest is the unfinished event.
	Rest []byte
	// Begun is true once the start of the stream, where a byte order mark may be, has been read.
	Begun bool `json:",omitempty"`
	// AfterCR is true after a line that ended with CR: a following LF belongs to it.
	AfterCR bool `json:",omitempty"`

	// line is the start of the unfinished line in Rest; seen is how far it has been scanned.
	line, seen int
}

const byteOrderMark = "\uFEFF"

// Feed parses the next chunk and returns the events that it completes. Each has the Name, Data and ID of its own lines;
// events without data are left out, as in a browser.
func (r *EventReader) Feed(chunk []byte) []Event {
	if r.seen != len(r.Rest) {
		// Restored: all lines in Rest but the last have ended, and do not complete an event.
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

// begin strips the byte order mark from the start of the stream. It returns false until it is known whether there is one.
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

// parseEvent parses the lines of one event. Without data there is no event.
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
