package roomcast

import (
	"github.com/roomcast/roomcast/guest-sdk/go/internal/host"
	wit "github.com/roomcast/roomcast/guest-sdk/go/internal/wit/types"
)

// Connection is one open event stream, by its id: a UUID, such as 0192f3c4-7b1e-4c55-9c0e-2f6d1c1b8a77.
//
// It is plain data: store it, compare it, use it as a key, send it to the client. It stays valid when the plugin is
// replaced, and methods answer [ErrNoSuchConnection] once the stream has ended. Whoever knows it may post messages in
// the connection's name, so treat it like a session token. The empty Connection is none.
type Connection string

// Send sends an event to this connection. During OnConnect it is kept, and goes out right after the stream's head.
func (c Connection) Send(e Event) error {
	if e.err != nil {
		return e.err
	}
	return c.do(func(id string) host.Result[wit.Unit] { return host.SendEvent(id, e.lower()) })
}

// Comment sends a comment, which page code cannot see. No CR, LF or NUL.
func (c Connection) Comment(text string) error {
	return c.do(func(id string) host.Result[wit.Unit] { return host.SendComment(id, text) })
}

// Close ends the connection after what was sent to it before. OnDisconnect follows, with [PluginClosed].
func (c Connection) Close() error {
	return c.do(host.Close)
}

// IsOpen reports whether the connection is open.
func (c Connection) IsOpen() bool {
	return c != "" && host.IsOpen(string(c))
}

// Join adds the connection to a room, creating the room if needed. No effect if it is already a member. A room's name is 1
// to 256 bytes without control characters.
func (c Connection) Join(room string) error {
	return c.do(func(id string) host.Result[wit.Unit] { return host.Join(id, room) })
}

// Leave removes the connection from a room. No effect if it is not a member. A room ends when its last member leaves.
func (c Connection) Leave(room string) error {
	return c.do(func(id string) host.Result[wit.Unit] { return host.Leave(id, room) })
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
	return c.do(func(id string) host.Result[wit.Unit] { return host.SetTag(id, tag) })
}

func (c Connection) do(call func(id string) host.Result[wit.Unit]) error {
	_, err := ask(c, call)
	return err
}

// ask makes a call about a connection. Its error is clear for an empty one, which OnMessage gets if the client names no
// stream.
func ask[T any](c Connection, call func(id string) host.Result[T]) (T, error) {
	if c == "" {
		var none T
		return none, &Error{Kind: NoSuchConnection, Reason: "the client has not named its stream: " +
			"it sends the stream's id in the header `Roomcast-Connection`"}
	}
	return answer(call(string(c)))
}
