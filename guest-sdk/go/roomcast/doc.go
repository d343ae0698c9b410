// Package roomcast writes plugins for Roomcast, the Server-Sent-Events server.
//
// A plugin decides who gets a stream, who is in which room, and what becomes of a client's message. It is a program
// whose main registers a function for each hook that it needs, and returns:
//
//	func main() {
//		roomcast.OnConnect(func(c roomcast.Connection, r *roomcast.Request) error {
//			name, ok := r.Parameter("name")
//			if !ok {
//				return roomcast.BadRequest("a name is required: /sse?name=...")
//			}
//			return c.Send(roomcast.Event{Data: "hello " + name})
//		})
//	}
//
// The component exports the hooks that are registered somewhere in the plugin's files, and no others. The host calls
// the hooks of one instance one after the other, never two at once, so the plugin's variables need no locks.
//
// # Errors
//
// A call to the host answers an [*Error] if it refuses; it never panics on bad data. A hook that returns an error
// answers with it: see the hooks. A panic costs the call: the client gets status 500, and the log its place. Strings may
// hold any bytes: where they are not UTF-8 the host gets U+FFFD. A call that takes too long ends the instance; the host makes a new one,
// while all connections stay.
//
// # Logging
//
// The package log/slog writes to the host's log, with its levels and attributes. What is printed to the standard
// streams, by fmt or by the package log, goes there, too.
package roomcast
