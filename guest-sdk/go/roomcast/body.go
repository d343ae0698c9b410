package roomcast

import (
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/roomcast/roomcast/guest-sdk/go/internal/host"
)

// Body is what a message, an answer or a chunk of one carries: any bytes.
type Body []byte

// Text returns the body as text. The error, for a body that is not UTF-8, is a refusal: returned from a hook, it is answered
// with status 400.
func (b Body) Text() (string, error) {
	if !utf8.Valid(b) {
		return "", errors.New("the body is not UTF-8")
	}
	return string(b), nil
}

// String returns the body as text, with U+FFFD in place of what is not UTF-8.
func (b Body) String() string {
	return host.Text(string(b))
}

// JSON parses the body into the variable that value points to, as [json.Unmarshal] does. The error is a refusal: returned
// from a hook, it is answered with status 400 and says what is wrong.
func (b Body) JSON(value any) error {
	if err := json.Unmarshal(b, value); err != nil {
		return fmt.Errorf("the body is not the JSON that is expected: %w", err)
	}
	return nil
}
