package roomcast

import (
	"math"
	"time"

	fetch "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_fetch_events"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/host"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/wire"
	wit "github.com/roomcast/roomcast/guest-sdk/go/internal/wit/types"
)

// FetchRequest is a request over HTTP whose answer comes piece by piece, as that of a language model does. The host does
// the work: Start returns at once, and the answer comes through [OnFetchResponse], [OnFetchChunk] and [OnFetchEnd] while
// everything else goes on.
//
//	fetch, err := roomcast.FetchRequest{URL: "https://api.example.org/v1/chat", Method: "POST", Body: question, Connection: c}.Start(string(c))
//
// Where requests may go, and the bounds, are granted by the operator in [plugins.capabilities.http].
type FetchRequest struct {
	// Method is, for example, POST; empty means GET.
	Method string
	// URL is the whole address, for example https://api.example.org/v1/chat.
	URL string
	// Headers to send. The host sets those that govern the connection, such as host and content-length, and refuses
	// them here.
	Headers []Header
	// Body is text or anything else; empty for a request without.
	Body []byte
	// Connection is the connection that the answer is for, if it is for one. The answer is then read no faster than
	// this connection takes what it is sent, and the fetch ends when the connection does.
	Connection Connection
	// Timeout is how long it may take in all, rounded up to milliseconds; 0 means as long as the operator lets it,
	// whose bound holds if it is shorter.
	Timeout time.Duration
}

// Fetch is a fetch that was started. Fetches go on by themselves when the plugin is reloaded: the new version gets what is
// still to come. An instance that starts from nothing after a failure gets [OnFetchEnd] with [ErrInterrupted] for each.
type Fetch uint64

// Start starts the fetch. Its events carry the token (at most 1 KiB). The error says that the destination is not granted,
// that too many are under way, that the connection is not open, or that the plugin registers none of the hooks. What
// goes wrong afterwards comes through [OnFetchEnd].
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
		Method: method, URL: r.URL, Headers: lowerHeaders(r.Headers), Body: lowerBody(r.Body),
		Connection: optional(r.Connection), TimeoutMs: timeout,
	}, token))
	return Fetch(fetch), err
}

// Cancel breaks the fetch off: no event of it comes any more. False when it is over already.
func (f Fetch) Cancel() bool {
	return host.CancelFetch(uint64(f))
}

// readOutcome puts the contract's failure in the shape of this package.
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
		return &Error{Kind: LimitExceeded, Name: what.Limit, Reason: what.Reason}
	case fetch.Failure_ConnectionClosed:
		return &Error{Kind: ConnectionClosed}
	case fetch.Failure_Interrupted:
		return &Error{Kind: Interrupted}
	default:
		return &Error{Kind: OtherFailure, Reason: why.Other()}
	}
}
