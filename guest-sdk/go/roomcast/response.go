package roomcast

import (
	"fmt"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	types "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_types"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/host"
)

// Response is the answer to a message.
type Response struct {
	// Status is 200 to 599; or 100, which passes the message on to the next plugin of the chain.
	Status int
	// Headers to send. The host refuses those that govern the connection, such as content-length.
	Headers []Header
	// Body is text or anything else.
	Body []byte
}

// OK is 200 with a body.
func OK(body string) *Response {
	return &Response{Status: 200, Body: []byte(body)}
}

// Accepted is 202 without a body: taken, and what it leads to comes by the stream.
func Accepted() *Response {
	return &Response{Status: 202}
}

// Pass is not an answer: the next plugin of the chain is asked.
func Pass() *Response {
	return &Response{Status: 100}
}

// WithHeader adds a header, and answers the response.
func (r *Response) WithHeader(name, value string) *Response {
	r.Headers = append(r.Headers, Header{name, value})
	return r
}

func (r *Response) lower() types.Response {
	return types.Response{Status: status(r.Status), Headers: lowerHeaders(r.Headers), Body: lowerBody(r.Body)}
}

func lowerBody(body []byte) types.Body {
	if utf8.Valid(body) {
		return types.MakeBodyText(string(body))
	}
	return types.MakeBodyBinary(body)
}

func readBody(body types.Body) []byte {
	if body.Tag() == types.Body_Text {
		return []byte(body.Text())
	}
	return body.Binary()
}

// Rejection is the answer to a client that is not let in, as an error: OnConnect returns it. It goes out in place of
// the stream. OnMessage may return it, too.
type Rejection struct {
	// Status 204 tells a browser not to come back; otherwise 400 to 599. A browser gives up at any of them.
	Status int
	// Headers to send. The host refuses those that govern the connection, such as content-length.
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

// Reject answers with this status (204, or 400 to 599) and plain text.
func Reject(status int, body string) *Rejection {
	return &Rejection{Status: status, Body: body}
}

// NoContent is 204: it tells a browser to stop, without an error.
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

// Forbidden is 403: this client may not.
func Forbidden(body string) *Rejection {
	return Reject(403, body)
}

// NotFound is 404: there is no such thing.
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

// WithHeader adds a header, and answers the rejection.
func (r *Rejection) WithHeader(name, value string) *Rejection {
	r.Headers = append(r.Headers, Header{name, value})
	return r
}

func (r *Rejection) after(wait time.Duration) *Rejection {
	seconds := int64(math.Ceil(wait.Seconds()))
	return r.WithHeader("retry-after", strconv.FormatInt(max(seconds, 0), 10))
}

// response is the same answer to a message, for rules that hold for both ways.
func (r *Rejection) response() *Response {
	return &Response{Status: r.Status, Headers: r.Headers, Body: []byte(r.Body)}
}

func (r *Rejection) lower() *types.Rejection {
	return &types.Rejection{Status: status(r.Status), Headers: lowerHeaders(r.Headers), Body: host.Text(r.Body)}
}

// status puts a number that no status can be at one that the host refuses as well, and names.
func status(status int) uint16 {
	return uint16(min(max(status, 0), math.MaxUint16))
}
