package roomcasttest

import (
	"net/url"
	"slices"
	"strings"

	"github.com/roomcast/roomcast/guest-sdk/go/internal/host"
	wit "github.com/roomcast/roomcast/guest-sdk/go/internal/wit/types"
)

// head is the head of a request, as the host lends it.
type head struct {
	method, path string
	query        wit.Option[string]
	headers      []wit.Tuple2[string, string]
}

func newHead(method, target string, headers []string) head {
	path, query, ok := strings.Cut(target, "?")
	h := head{method: method, path: path, query: wit.None[string](), headers: pairs(headers)}
	if ok {
		h.query = wit.Some(host.Text(query))
	}
	return h
}

func (h head) Method() string {
	return h.method
}

func (h head) Path() string {
	return host.Text(h.path)
}

func (h head) Query() wit.Option[string] {
	return h.query
}

func (h head) Header(name string) wit.Option[string] {
	for _, header := range h.headers {
		if strings.EqualFold(header.F0, name) {
			return wit.Some(header.F1)
		}
	}
	return wit.None[string]()
}

func (h head) Headers() []wit.Tuple2[string, string] {
	return slices.Clone(h.headers)
}

func (h head) Peer() string {
	return "127.0.0.1:51234"
}

func (h head) LastEventId() wit.Option[string] {
	if id := h.Header("last-event-id"); id.IsSome() {
		return id
	}
	parameters, _ := url.ParseQuery(h.query.SomeOr(""))
	for _, name := range []string{"last_event_id", "lastEventId", "evs_last_event_id"} {
		if parameters.Has(name) {
			return wit.Some(host.Text(parameters.Get(name)))
		}
	}
	return wit.None[string]()
}

// pairs are headers of names and values in turn.
func pairs(headers []string) []wit.Tuple2[string, string] {
	var pairs []wit.Tuple2[string, string]
	for pair := range slices.Chunk(headers, 2) {
		name, value := strings.ToLower(pair[0]), pair[len(pair)-1]
		pairs = append(pairs, wit.Tuple2[string, string]{F0: host.Text(name), F1: host.Text(value)})
	}
	return pairs
}
