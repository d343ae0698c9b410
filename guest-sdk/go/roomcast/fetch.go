package roomcast

import (
	"math"
	"time"

	fetch "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_fetch_events"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/host"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/wire"
	wit "github.com/roomcast/roomcast/guest-sdk/go/internal/wit/types"
)

// FetchRequest is an HTTP request whose answer arrives in chunks, such as that of a language model. Start returns at once;
// the host delivers the answer through [OnFetchResponse], [OnFetchChunk] and [OnFetchEnd], between other calls.
//
//	fetch, err := roomcast.FetchRequest{URL: "https://api.example.org/v1/chat", Method: "POST", Body: question, Connection: c}.Start(c.String())
//
// The operator grants destinations and limits in [plugins.capabilities.http].
type FetchRequest struct {
	// Method is, for example, POST; empty means GET.
	Method string
	// URL is the absolute URL, for example https://api.example.org/v1/chat.
	URL string
	// Headers to send. The host refuses those that it controls itself, such as host and content-length.
	Headers []Header
	// Body is empty for a request without a body.
	Body Body
	// Connection is the connection that the answer is for, if any. The host then reads the answer no faster than this
	// connection takes what the plugin sends to it, and the fetch ends when the connection does.
	Connection Connection
	// Timeout limits the whole fetch, rounded up to milliseconds; 0 means the operator's limit, which also applies if it
	// is shorter.
	Timeout time.Duration
}

// Fetch identifies a fetch. Fetches are handed over when the plugin is reloaded: the new version gets the rest of the
// answer. An instance that starts without state after a trap gets [OnFetchEnd] with [ErrInterrupted] for each.
type Fetch uint64

// Start starts the fetch. Its hooks are called with the token (at most 1 KiB). It fails if the destination is not granted,
// too many fetches are in flight, the connection is not open, or the plugin registers none of the hooks. Later failures
// are reported by [OnFetchEnd].
func (r FetchRequest) Start(token string) (Fetch, error) {
	timeout := wit.None[uint32]()
	switch milliseconds := wire.Milliseconds(r.Timeout); {
	case milliseconds < 0 || milliseconds > math.MaxUint32:
		return 0, invalid("request.timeout-ms", "is at most 4,294,967,295, and not below 0")
	case milliseconds > 0:
		timeout = wit.Some(uint32(milliseconds))
	}
	method := r.Method
	if method == "" {
		method = "GET"
	}
	fetch, err := answer(host.StartFetch(host.Fetch{
		Method: method, URL: r.URL, Headers: lowerHeaders(r.Headers), Body: r.Body,
		Connection: optional(r.Connection), TimeoutMs: timeout,
	}, token))
	return Fetch(fetch), err
}

// Cancel cancels the fetch: none of its hooks is called afterwards. False if it has already ended.
func (f Fetch) Cancel() bool {
	return host.CancelFetch(uint64(f))
}

// readOutcome converts the contract's failure to this package's error.
func readOutcome(outcome wit.Result[wit.Unit, fetch.Failure]) error {
	if outcome.IsOk() {
		return nil
	}
	switch why := outcome.Err(); why.Tag() {
	case fetch.Failure_Denied:
		return &Error{Kind: Denied, Reason: why.Denied()}
	case fetch.Failure_Unreachable:
		return &Error{Kind: Unreachable, Reason: why.Unreachable()}
	case fetch.Failure_Broken:
		return &Error{Kind: Broken, Reason: why.Broken()}
	case fetch.Failure_LimitExceeded:
		what := why.LimitExceeded()
		return &Error{Kind: LimitExceeded, Name: what.Key, Reason: what.Reason}
	case fetch.Failure_ConnectionClosed:
		return &Error{Kind: ConnectionClosed}
	case fetch.Failure_Interrupted:
		return &Error{Kind: Interrupted}
	default:
		return &Error{Kind: Other, Reason: why.Other()}
	}
}
