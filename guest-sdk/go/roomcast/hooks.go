package roomcast

import (
	"bytes"
	"encoding/json"
	"fmt"

	fetch "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_fetch_events"
	message "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_message"
	publish "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_publish"
	types "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_types"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/guard"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/hooks"
	wit "github.com/roomcast/roomcast/guest-sdk/go/internal/wit/types"
)

// OnInit registers the function that is called once per instance, after main and before any other hook. An error makes the
// load fail; its text is reported to the operator: say what is wrong and what to do. Read the configuration and set timers
// here.
func OnInit(handle func() error) {
	hooks.Register("OnInit", "lifecycle")
	hooks.Plugin.Init = func() error { return told(handle()) }
}

// OnConnect registers the function that is called when a client requests a stream, before the response's head is sent. The
// connection is already in the auto-join room, and events sent to it from here follow the head.
//
// An error rejects the client: see the package's documentation. Later plugins of the chain are not called then; earlier ones get OnDisconnect with
// [Rejected].
func OnConnect(handle func(c Connection, r *Request) error) {
	hooks.Register("OnConnect", "connect")
	hooks.Plugin.Connect = func(connection types.ConnectionId, head hooks.Request) (rejection *types.Rejection) {
		defer guard.Recover("OnConnect", func() { rejection = failed() })
		request, release := borrow(head)
		defer release()
		if err := settled(handle(Connection(connection), request)); err != nil {
			return asRejection("OnConnect", err)
		}
		return nil
	}
}

// OnDisconnect registers the function that is called when a stream has ended: once for each connection that this plugin
// accepted. The connection has left all its rooms and takes no more events; its tag can still be read.
func OnDisconnect(handle func(c Connection, reason DisconnectReason)) {
	hooks.Register("OnDisconnect", "disconnect")
	hooks.Plugin.Disconnect = func(connection types.ConnectionId, reason types.DisconnectReason) {
		defer guard.Recover("OnDisconnect", guard.Silent)
		handle(Connection(connection), DisconnectReason(reason))
	}
}

// OnJoin registers the function that is called before a join that a client or the API requests, not before those of a
// plugin. An error refuses the join, and is the answer: see the package's documentation.
func OnJoin(handle func(c Connection, room string) error) {
	hooks.Register("OnJoin", "room")
	hooks.Plugin.Join = func(connection types.ConnectionId, room string) (rejection *types.Rejection) {
		defer guard.Recover("OnJoin", func() { rejection = failed() })
		if err := settled(handle(Connection(connection), room)); err != nil {
			return asRejection("OnJoin", err)
		}
		return nil
	}
}

// OnLeave registers the function that is called after a connection has left a room, either through the API or because it
// ended. In the second case OnDisconnect follows.
func OnLeave(handle func(c Connection, room string)) {
	hooks.Register("OnLeave", "room")
	hooks.Plugin.Leave = func(connection types.ConnectionId, room string) {
		defer guard.Recover("OnLeave", guard.Silent)
		handle(Connection(connection), room)
	}
}

// OnPublish registers the function that is called before an event from outside is delivered. An error refuses the event, and
// is the answer to the publisher: see the package's documentation. Change *e to rewrite the event for the next plugin of the
// chain and the room.
func OnPublish(handle func(room string, e *Event, from Origin) error) {
	hooks.Register("OnPublish", "publish")
	hooks.Plugin.Publish = func(room string, event types.Event, origin publish.Origin) (verdict publish.Verdict) {
		defer guard.Recover("OnPublish", func() { verdict = publish.MakeVerdictRefuse(*failed()) })
		e := readEvent(event)
		before := e
		err := settled(handle(room, &e, readOrigin(origin)))
		if err == nil {
			err = e.err
		}
		switch {
		case err != nil:
			return publish.MakeVerdictRefuse(*asRejection("OnPublish", err))
		case e == before:
			return publish.MakeVerdictForward()
		default:
			return publish.MakeVerdictRewrite(e.lower())
		}
	}
}

// OnMessage registers the function that answers a client's message: a POST to the endpoint's message path. The connection is
// the open stream that the client named; it is zero if the client named none. The body has the bytes as sent; the header
// content-type may say what they are. In a chain, plugins are called in order until one answers with something other than
// [Pass], or returns an error.
//
// A nil response without an error is [Accepted]. An error is the answer, too: see the package's documentation.
func OnMessage(handle func(c Connection, r *Request, body Body) (*Response, error)) {
	hooks.Register("OnMessage", "message")
	hooks.Plugin.Message = func(connection wit.Option[types.ConnectionId], head hooks.Request, body []byte) (reply message.Reply, rejection *types.Rejection) {
		defer guard.Recover("OnMessage", func() { rejection = failed() })
		request, release := borrow(head)
		defer release()
		response, err := handle(Connection(connection.SomeOr(types.ConnectionId{})), request, body)
		if err = settled(err); err != nil {
			return reply, asRejection("OnMessage", err)
		}
		if response == nil {
			response = Accepted()
		}
		return response.lower(), nil
	}
}

// OnTimer registers the function that is called when a timer fires, with the timer's token: see [After] and [Every].
func OnTimer(handle func(token string)) {
	hooks.Register("OnTimer", "timer")
	hooks.Plugin.Timer = func(token string) {
		defer guard.Recover("OnTimer", guard.Silent)
		handle(token)
	}
}

// OnFetchResponse registers the function that is called when the head of a fetch's answer has arrived, with any status: see
// [FetchRequest.Start]. Redirects are not followed. The calls for one fetch come in order: this one once, [OnFetchChunk] for
// each chunk, [OnFetchEnd] once. A fetch that fails early gets OnFetchEnd alone. A plugin may leave out any of the three.
func OnFetchResponse(handle func(token string, status int, headers []Header)) {
	hooks.Register("OnFetchResponse", "fetch-events")
	hooks.Plugin.Response = func(token string, status uint16, headers []wit.Tuple2[string, string]) {
		defer guard.Recover("OnFetchResponse", guard.Silent)
		handle(token, int(status), readHeaders(headers))
	}
}

// OnFetchChunk registers the function that is called when a chunk of a fetch's answer has arrived, at most 64 KiB. Chunks never
// split a character of UTF-8. An [EventReader] parses answers that are event streams.
func OnFetchChunk(handle func(token string, chunk Body)) {
	hooks.Register("OnFetchChunk", "fetch-events")
	hooks.Plugin.Chunk = func(token string, chunk []byte) {
		defer guard.Recover("OnFetchChunk", guard.Silent)
		handle(token, chunk)
	}
}

// OnFetchEnd registers the function that is called when a fetch's answer is complete (err is nil) or the fetch has failed (err
// is an [*Error]). It is not called after [Fetch.Cancel].
func OnFetchEnd(handle func(token string, err error)) {
	hooks.Register("OnFetchEnd", "fetch-events")
	hooks.Plugin.End = func(token string, outcome wit.Result[wit.Unit, fetch.Failure]) {
		defer guard.Recover("OnFetchEnd", guard.Silent)
		handle(token, readOutcome(outcome))
	}
}

// OnSave registers the function that returns the state that outlives an instance, in a format of the plugin's choosing, at
// most 16 MiB. It requires [OnRestore]. It is called at a reload, when an instance is recycled, and periodically if the
// operator enables checkpoints; the instance may continue to serve afterwards. Without it a new instance starts without
// state.
//
// An error refuses the new version, or leaves the last checkpoint as it is; its text is reported to the operator.
func OnSave(handle func() ([]byte, error)) {
	hooks.Register("OnSave", "state")
	hooks.Plugin.Save = func() ([]byte, error) {
		state, err := handle()
		return state, told(err)
	}
}

// OnRestore registers the function that takes over the state of the previous instance, which may be of another version: an
// older one after an update, a newer one after a rollback. It is called after OnInit and before any other hook. An error
// refuses the new version; its text is reported to the operator, and the previous version keeps serving. It requires
// [OnSave].
func OnRestore(handle func(state []byte) error) {
	hooks.Register("OnRestore", "state")
	hooks.Plugin.Restore = func(state []byte) error { return told(handle(state)) }
}

// KeepJSON registers [OnSave] and [OnRestore] for a variable that holds the whole state, saved as JSON. A field that the
// saved state does not have keeps its initial value. A plugin that needs a version in its format registers the two hooks
// itself.
func KeepJSON[T any](state *T) {
	OnSave(func() ([]byte, error) { return json.Marshal(state) })
	OnRestore(func(saved []byte) error {
		if err := json.NewDecoder(bytes.NewReader(saved)).Decode(state); err != nil {
			return fmt.Errorf("the saved state is not a valid %T: %w", *state, err)
		}
		return nil
	})
}
