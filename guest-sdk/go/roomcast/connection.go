package roomcast

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/roomcast/roomcast/guest-sdk/go/internal/host"
	wit "github.com/roomcast/roomcast/guest-sdk/go/internal/wit/types"
)

// Connection is the id of one open event stream: a UUID (RFC 9562) of 16 bytes, whose text is written as
// 0192f3c4-7b1e-4c55-9c0e-2f6d1c1b8a77, in JSON, too.
//
// It is plain data: store it, compare it with ==, use it as a key, send it to the client. It stays valid when the plugin is
// replaced, and methods answer [ErrNoSuchConnection] once the stream has ended. Anyone who knows it may post messages as this
// connection, so treat it like a session token. The zero Connection is none.
type Connection struct {
	// High and Low are the first and the last 8 bytes, as big-endian numbers.
	High, Low uint64
}

// ParseConnection reads a connection's text.
func ParseConnection(text string) (Connection, error) {
	var bytes [16]byte
	plain := strings.ReplaceAll(text, "-", "")
	_, err := hex.Decode(bytes[:], []byte(plain[:min(len(plain), 32)]))
	c := Connection{binary.BigEndian.Uint64(bytes[:8]), binary.BigEndian.Uint64(bytes[8:])}
	if err != nil || c.IsZero() || !strings.EqualFold(c.String(), text) {
		return Connection{}, fmt.Errorf("%q is not a connection's id, which is a UUID such as 0192f3c4-7b1e-4c55-9c0e-2f6d1c1b8a77", text)
	}
	return c, nil
}

// IsZero reports whether this is no connection.
func (c Connection) IsZero() bool {
	return c == Connection{}
}

// String returns the id as text; empty for the zero Connection.
func (c Connection) String() string {
	if c.IsZero() {
		return ""
	}
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", c.High>>32, c.High>>16&0xffff, c.High&0xffff, c.Low>>48, c.Low&(1<<48-1))
}

// MarshalText returns [Connection.String], for JSON among others.
func (c Connection) MarshalText() ([]byte, error) {
	return []byte(c.String()), nil
}

// UnmarshalText reads the text of [Connection.MarshalText].
func (c *Connection) UnmarshalText(text []byte) (err error) {
	if len(text) == 0 {
		*c = Connection{}
		return nil
	}
	*c, err = ParseConnection(string(text))
	return err
}

// Send sends an event to this connection. During OnConnect it is kept, and goes out right after the stream's head.
func (c Connection) Send(e Event) error {
	if e.err != nil {
		return e.err
	}
	return c.do(func(id host.ID) host.Result[wit.Unit] { return host.SendEvent(id, e.lower()) })
}

// Comment sends a comment, which page code cannot see. No CR, LF or NUL.
func (c Connection) Comment(text string) error {
	return c.do(func(id host.ID) host.Result[wit.Unit] { return host.SendComment(id, text) })
}

// Close ends the connection after what was sent to it before. OnDisconnect follows, with [PluginClosed].
func (c Connection) Close() error {
	return c.do(host.Close)
}

// IsOpen reports whether the connection is open.
func (c Connection) IsOpen() bool {
	return !c.IsZero() && host.IsOpen(host.ID(c))
}

// Join adds the connection to a room, creating the room if needed. No effect if it is already a member. A room's name is 1
// to 256 bytes without control characters.
func (c Connection) Join(room string) error {
	return c.do(func(id host.ID) host.Result[wit.Unit] { return host.Join(id, room) })
}

// Leave removes the connection from a room. No effect if it is not a member. A room ends when its last member leaves.
func (c Connection) Leave(room string) error {
	return c.do(func(id host.ID) host.Result[wit.Unit] { return host.Leave(id, room) })
}

// Rooms returns the connection's rooms, including the auto-join room.
func (c Connection) Rooms() ([]string, error) {
	return ask(c, host.RoomsOf)
}

// Tag returns the connection's tag; empty before the first [Connection.SetTag]. OnDisconnect can still read it.
func (c Connection) Tag() (string, error) {
	tag, err := ask(c, host.Tag)
	if err != nil {
		return "", err
	}
	return tag.SomeOr(""), nil
}

// SetTag attaches a tag, a text of at most 1 KiB. The API and all plugins of the chain share this one tag.
func (c Connection) SetTag(tag string) error {
	return c.setTag(wit.Some(tag))
}

// ClearTag removes the tag.
func (c Connection) ClearTag() error {
	return c.setTag(wit.None[string]())
}

func (c Connection) setTag(tag wit.Option[string]) error {
	return c.do(func(id host.ID) host.Result[wit.Unit] { return host.SetTag(id, tag) })
}

func (c Connection) do(call func(id host.ID) host.Result[wit.Unit]) error {
	_, err := ask(c, call)
	return err
}

// unnamed is the answer to a client that would have had to name its stream.
const unnamed = "the client has not named its stream: it sends the stream's id in the header `Roomcast-Connection`"

// ask makes a call about a connection. For the zero Connection, which OnMessage gets if the client names no stream, the error
// is the client's: it is answered with status 400.
func ask[T any](c Connection, call func(id host.ID) host.Result[T]) (T, error) {
	if c.IsZero() {
		var none T
		return none, &Error{Kind: NoSuchConnection, Reason: unnamed, answer: BadRequest(unnamed)}
	}
	return answer(call(host.ID(c)))
}
