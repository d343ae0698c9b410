package roomcast

import (
	"fmt"
	"math"
	"strconv"
	"time"

	message "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_message"
	types "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_types"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/host"
)

// Response is the answer to a message.
type Response struct {
	// Status is 200 to 599.
	Status int
	// Headers to send. The host refuses those that it controls itself, such as content-length, except for connection: close,
	// which closes an HTTP/1 connection after the answer.
	Headers []Header
	// Body is the answer's body. Without a header content-type, UTF-8 is sent as text/plain and anything else as
	// application/octet-stream.
	Body Body

	// pass is set if this is no answer.
	pass bool
}

// OK is 200 with a body.
func OK(body string) *Response {
	return &Response{Status: 200, Body: []byte(body)}
}

// Accepted is 202 without a body: the message is accepted, and results follow on the stream.
func Accepted() *Response {
	return &Response{Status: 202}
}

// Pass is not an answer: the next plugin of the chain is called.
func Pass() *Response {
	return &Response{pass: true}
}

// IsPass reports whether this is [Pass].
func (r *Response) IsPass() bool {
	return r.pass
}

// WithHeader adds a header, and returns the response.
func (r *Response) WithHeader(name, value string) *Response {
	r.Headers = append(r.Headers, Header{name, value})
	return r
}

func (r *Response) lower() message.Reply {
	if r.pass {
		return message.MakeReplyPass()
	}
	return message.MakeReplyAnswer(types.Response{Status: status(r.Status), Headers: lowerHeaders(r.Headers), Body: r.Body})
}

// Rejection is the answer to a client or publisher that is refused, as an error: OnConnect, OnJoin, OnPublish and OnMessage
// return it.
type Rejection struct {
	// Status is 400 to 599. OnConnect may also reject with 204; a browser does not reconnect after any of them. 500 means
	// that the plugin is at fault, and counts as a failed call.
	Status int
	// Headers to send, as in [Response].
	Headers []Header
	// Body is plain text.
	Body string
}

func (r *Rejection) Error() string {
	if r.Body == "" {
		return fmt.Sprintf("rejected with status %d", r.Status)
	}
	return fmt.Sprintf("rejected with status %d: %s", r.Status, r.Body)
}

// Reject answers with this status and plain text.
func Reject(status int, body string) *Rejection {
	return &Rejection{Status: status, Body: body}
}

// NoContent is 204, for OnConnect: it tells a browser not to reconnect, without an error.
func NoContent() *Rejection {
	return Reject(204, "")
}

// BadRequest is 400: the request is wrong.
func BadRequest(body string) *Rejection {
	return Reject(400, body)
}

// Unauthorized is 401: credentials are missing or wrong. The challenge is the www-authenticate header that has to go
// with it, for example Bearer.
func Unauthorized(challenge, body string) *Rejection {
	return Reject(401, body).WithHeader("www-authenticate", challenge)
}

// Forbidden is 403: this client is not allowed.
func Forbidden(body string) *Rejection {
	return Reject(403, body)
}

// NotFound is 404: not found.
func NotFound(body string) *Rejection {
	return Reject(404, body)
}

// TooManyRequests is 429: this client asks too often; it may come back after a while, which is rounded up to seconds.
func TooManyRequests(retryAfter time.Duration) *Rejection {
	return Reject(429, "too many requests").after(retryAfter)
}

// ServiceUnavailable is 503: not now; the client may come back after a while, which is rounded up to seconds.
func ServiceUnavailable(retryAfter time.Duration) *Rejection {
	return Reject(503, "not available now").after(retryAfter)
}

// WithHeader adds a header, and returns the rejection.
func (r *Rejection) WithHeader(name, value string) *Rejection {
	r.Headers = append(r.Headers, Header{name, value})
	return r
}

func (r *Rejection) after(wait time.Duration) *Rejection {
	seconds := int64(math.Ceil(wait.Seconds()))
	return r.WithHeader("retry-after", strconv.FormatInt(max(seconds, 0), 10))
}

func (r *Rejection) lower() *types.Rejection {
	return &types.Rejection{Status: status(r.Status), Headers: lowerHeaders(r.Headers), Body: host.Text(r.Body)}
}

// status turns a number that is out of the range of the contract into one that the host refuses as well.
func status(status int) uint16 {
	return uint16(min(max(status, 0), math.MaxUint16))
}
