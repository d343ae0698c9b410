package roomcast

import (
	"iter"
	"strings"

	publish "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_publish"
	types "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_types"
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

// Request is the head of a client's HTTP request.
type Request struct {
	// Method is, for example, GET.
	Method string
	// Path is the path without the query, for example /sse.
	Path string
	// Query is what follows the ?, as sent (percent-encoded); see [Request.Parameter].
	Query string
	// Headers are all headers in the order received; see [Request.Header]. Headers whose value is not UTF-8 are left out.
	Headers []Header
	// Peer is the address of the peer, for example 127.0.0.1:51234.
	Peer string
	// LastEventID is the id of the last event that a reconnecting client has seen; empty if it has seen none.
	LastEventID string
}

// Header returns the value of the first header of this name, ignoring case; empty if there is none.
func (r *Request) Header(name string) string {
	for _, header := range r.Headers {
		if strings.EqualFold(header.Name, name) {
			return header.Value
		}
	}
	return ""
}

// Parameter returns the first query parameter of this name, decoded, and whether there is one: + is a space, %XX is a byte,
// and invalid UTF-8 becomes U+FFFD.
func (r *Request) Parameter(name string) (value string, ok bool) {
	for key, value := range r.Parameters() {
		if key == name {
			return value, true
		}
	}
	return "", false
}

// Parameters returns all query parameters in order; names and values are decoded as by [Request.Parameter].
func (r *Request) Parameters() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for pair := range strings.SplitSeq(r.Query, "&") {
			if pair == "" {
				continue
			}
			key, value, _ := strings.Cut(pair, "=")
			if !yield(decode(key), decode(value)) {
				return
			}
		}
	}
}

// decode undoes the encoding of forms. A % that no two digits follow stands for itself.
func decode(text string) string {
	if !strings.ContainsAny(text, "+%") {
		return text
	}
	decoded := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '+':
			decoded = append(decoded, ' ')
		case c == '%' && i+2 < len(text) && digit(text[i+1]) >= 0 && digit(text[i+2]) >= 0:
			decoded = append(decoded, byte(digit(text[i+1])<<4|digit(text[i+2])))
			i += 2
		default:
			decoded = append(decoded, c)
		}
	}
	return strings.ToValidUTF8(string(decoded), "\uFFFD")
}

func digit(c byte) int {
	return strings.IndexByte("0123456789abcdef", c|0x20)
}

// OriginKind is a kind of publisher.
type OriginKind uint8

const (
	// OriginAPI is the HTTP API.
	OriginAPI OriginKind = iota
	// OriginOther is something that this version of the SDK has no name for.
	OriginOther
)

// Origin is where a published event comes from.
type Origin struct {
	// Kind is by which way.
	Kind OriginKind
	// From is the publisher's address for OriginAPI, and otherwise what it is.
	From string
}

func readOrigin(origin publish.Origin) Origin {
	if origin.Tag() == publish.Origin_Api {
		return Origin{OriginAPI, origin.Api()}
	}
	return Origin{OriginOther, origin.Other()}
}

func readRequest(request types.Request) *Request {
	return &Request{
		Method:      request.Method,
		Path:        request.Path,
		Query:       request.Query.SomeOr(""),
		Headers:     readHeaders(request.Headers),
		Peer:        request.Peer,
		LastEventID: request.LastEventId.SomeOr(""),
	}
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
