package roomcast

import (
	"iter"
	"strings"

	publish "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_publish"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/hooks"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/host"
)

// Request is the head of a client's HTTP request. The host lends it to a hook for the time of the call: each method asks the
// host, and what is not read costs nothing. A method that is called after the hook has returned panics; keep values, not the
// request.
type Request struct {
	// head is nil after the call.
	head hooks.Request
	// query is the query once it has been read.
	query *string
}

// borrow is the request of a call; release ends its time.
func borrow(head hooks.Request) (request *Request, release func()) {
	request = &Request{head: head}
	return request, func() { request.head = nil }
}

func (r *Request) read() hooks.Request {
	if r.head == nil {
		panic("the request was read after the hook that it was lent to had returned: in the hook, copy the values that you need later")
	}
	return r.head
}

// Method returns the method, for example GET.
func (r *Request) Method() string {
	return r.read().Method()
}

// Path returns the path without the query, for example /sse.
func (r *Request) Path() string {
	return r.read().Path()
}

// Query returns what follows the ?, as sent (percent-encoded); empty if there is none. See [Request.Parameter].
func (r *Request) Query() string {
	head := r.read()
	if r.query == nil {
		query := head.Query().SomeOr("")
		r.query = &query
	}
	return *r.query
}

// Header returns the value of the first header of this name, ignoring case; empty if there is none. U+FFFD replaces what is
// not UTF-8.
func (r *Request) Header(name string) string {
	return r.read().Header(host.Text(name)).SomeOr("")
}

// Headers returns all headers in the order received.
func (r *Request) Headers() []Header {
	return readHeaders(r.read().Headers())
}

// Peer returns the address of the peer, for example 127.0.0.1:51234.
func (r *Request) Peer() string {
	return r.read().Peer()
}

// LastEventID returns the id of the last event that a reconnecting client has seen; empty if it has seen none.
func (r *Request) LastEventID() string {
	return r.read().LastEventId().SomeOr("")
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
		for pair := range strings.SplitSeq(r.Query(), "&") {
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
	return host.Text(string(decoded))
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
	// Kind is the kind of the publisher.
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
