package roomcast

import (
	"strings"

	"github.com/roomcast/roomcast/guest-sdk/go/internal/host"
	wit "github.com/roomcast/roomcast/guest-sdk/go/internal/wit/types"
)

// Header is one header of a request or an answer.
type Header struct {
	// Name is in lower case.
	Name string
	// Value is the header's text.
	Value string
}

func readHeaders(given []wit.Tuple2[string, string]) []Header {
	headers := make([]Header, len(given))
	for i, header := range given {
		headers[i] = Header{Name: header.F0, Value: header.F1}
	}
	return headers
}

func lowerHeaders(headers []Header) []wit.Tuple2[string, string] {
	lowered := make([]wit.Tuple2[string, string], len(headers))
	for i, header := range headers {
		lowered[i] = wit.Tuple2[string, string]{F0: strings.ToLower(host.Text(header.Name)), F1: host.Text(header.Value)}
	}
	return lowered
}
