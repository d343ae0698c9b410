// Package roomcast is for writing plugins for Roomcast, the Server-Sent Events server.
//
// A plugin accepts or rejects streams, puts connections into rooms, and handles clients' messages. It is a program whose
// main registers a function for each hook that it needs, and returns:
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
// The component exports exactly the hooks that the plugin's files register. Calls into one instance are serial, so the
// plugin's variables need no locks.
//
// # Errors
//
// A call to the host returns an [*Error] if the host refuses it; it never panics on invalid data. Strings may hold any bytes;
// invalid UTF-8 is replaced by U+FFFD.
//
// An error that OnConnect, OnJoin, OnPublish or OnMessage returns is the answer to the client or publisher:
//   - a [*Rejection], also a wrapped one, is the answer itself;
//   - an [*Error], also a wrapped one, is for the log, with the place of the call that has failed. The answer is status 500,
//     and 503 for [LimitExceeded], without the text. If the client is at fault, handle the error and return one of your own;
//   - any other error is answered with status 400 and its text.
//
// A panic fails only the current call: the client gets status 500, and the location is logged. After a call that misses its
// deadline the host starts a new instance; all connections stay open.
//
// # Logging
//
// The package log/slog writes to the host's log, with its levels and attributes. So do the standard streams, through fmt or
// the package log.
package roomcast
