package roomcast

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	fetch "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_fetch_events"
	publish "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_publish"
	types "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_types"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/guard"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/hooks"
	wit "github.com/roomcast/roomcast/guest-sdk/go/internal/wit/types"
)

// OnInit registers what runs once for each instance, after main and before any other hook. An error refuses the load,
// and its text is shown to the operator: say what is wrong and what to do. Here is the place to read the configuration
// and to set timers.
func OnInit(handle func() error) {
	hooks.Register("OnInit", "lifecycle")
	hooks.Plugin.Init = func() error { return told(handle()) }
}

// OnConnect registers what is asked when a client wants a stream, before the response's head goes out. The connection
// is already in the auto-join room; what is sent to it here follows right after the head.
//
// An error is answered in place of the stream: a [*Rejection] as it is, an [*Error] of the host's with status 400 if an
// argument is invalid and 503 otherwise, and any other error with status 400 and its text. Later plugins of a chain are
// not asked then, earlier ones get their OnDisconnect with [Rejected].
func OnConnect(handle func(c Connection, r *Request) error) {
	hooks.Register("OnConnect", "connect")
	hooks.Plugin.Connect = func(connection string, request types.Request) (rejection *types.Rejection) {
		defer guard.Recover("OnConnect", func() { rejection = Reject(500, guard.Told).lower() })
		if err := settled(handle(Connection(connection), readRequest(request))); err != nil {
			return asRejection(err).lower()
		}
		return nil
	}
}

// OnDisconnect registers what is told when a stream has ended: once for every connection that this plugin has accepted.
// The connection is in no room any more and takes no events; its tag can still be read.
func OnDisconnect(handle func(c Connection, reason DisconnectReason)) {
	hooks.Register("OnDisconnect", "disconnect")
	hooks.Plugin.Disconnect = func(connection string, reason types.DisconnectReason) {
		defer guard.Recover("OnDisconnect", guard.Silent)
		handle(Connection(connection), DisconnectReason(reason))
	}
}

// OnJoin registers what is asked before somebody other than a plugin puts a connection into a room: a client, or the
// API. An error refuses it, and its text is the answer.
func OnJoin(handle func(c Connection, room string) error) {
	hooks.Register("OnJoin", "room")
	hooks.Plugin.Join = func(connection, room string) (err error) {
		defer guard.Recover("OnJoin", func() { err = errors.New(guard.Told) })
		return told(settled(handle(Connection(connection), room)))
	}
}

// OnLeave registers what is told after a connection has left a room, because of the API or because it ended (then
// before OnDisconnect).
func OnLeave(handle func(c Connection, room string)) {
	hooks.Register("OnLeave", "room")
	hooks.Plugin.Leave = func(connection, room string) {
		defer guard.Recover("OnLeave", guard.Silent)
		handle(Connection(connection), room)
	}
}

// OnPublish registers what is asked before an event from outside is delivered. An error refuses the event, and its text
// is the answer to the publisher; a change of *e is what the next plugin of the chain, and the room, get to see.
func OnPublish(handle func(room string, e *Event, from Origin) error) {
	hooks.Register("OnPublish", "publish")
	hooks.Plugin.Publish = func(room string, event types.Event, origin publish.Origin) (verdict publish.Verdict) {
		defer guard.Recover("OnPublish", func() { verdict = publish.MakeVerdictRefuse(guard.Told) })
		e := readEvent(event)
		before := e
		if err := settled(handle(room, &e, readOrigin(origin))); err != nil {
			return publish.MakeVerdictRefuse(told(err).Error())
		}
		if e == before {
			return publish.MakeVerdictForward()
		}
		if e.err != nil {
			return publish.MakeVerdictRefuse(told(e.err).Error())
		}
		return publish.MakeVerdictRewrite(e.lower())
	}
}

// OnMessage registers what answers a client's message: a POST to the endpoint's message path, client-to-server messages. The
// connection is the stream that the client has named, and is then known to be open; it is empty when the client names
// none. The plugins of a chain are asked in order, until one answers with something else than [Pass].
//
// A nil response without an error is [Accepted]. An error is the sender's fault: its text goes back with status 400. A
// [*Rejection] is answered as it is.
func OnMessage(handle func(c Connection, r *Request, body []byte) (*Response, error)) {
	hooks.Register("OnMessage", "message")
	hooks.Plugin.Message = func(connection wit.Option[string], request types.Request, body types.Body) (answer types.Response, err error) {
		defer guard.Recover("OnMessage", func() {
			answer, err = (&Response{Status: 500, Body: []byte(guard.Told)}).lower(), nil
		})
		response, err := handle(Connection(connection.SomeOr("")), readRequest(request), readBody(body))
		err = settled(err)
		if rejection, ok := isRejection(err); ok {
			response, err = rejection.response(), nil
		}
		if err != nil {
			return types.Response{}, told(err)
		}
		if response == nil {
			response = Accepted()
		}
		return response.lower(), nil
	}
}

// OnTimer registers what is called when a timer fires, with the token that it was set with: see [After] and [Every].
func OnTimer(handle func(token string)) {
	hooks.Register("OnTimer", "timer")
	hooks.Plugin.Timer = func(token string) {
		defer guard.Recover("OnTimer", guard.Silent)
		handle(token)
	}
}

// OnFetchResponse registers what is called when the head of a fetch's answer has come: see [FetchRequest.Start]. Any status is
// an answer; redirects are the plugin's to follow. The calls for one fetch come in order: this one once, [OnFetchChunk]
// for each piece, [OnFetchEnd] once; or OnFetchEnd alone. A plugin may leave out what it does not need of the three.
func OnFetchResponse(handle func(token string, status int, headers []Header)) {
	hooks.Register("OnFetchResponse", "fetch-events")
	hooks.Plugin.Response = func(token string, status uint16, headers []wit.Tuple2[string, string]) {
		defer guard.Recover("OnFetchResponse", guard.Silent)
		handle(token, int(status), readHeaders(headers))
	}
}

// OnFetchChunk registers what is called when a piece of a fetch's answer has come, at most 64 KiB of it. In text a
// character is never cut in two. An [EventReader] makes events of the pieces, if they are some.
func OnFetchChunk(handle func(token string, chunk []byte)) {
	hooks.Register("OnFetchChunk", "fetch-events")
	hooks.Plugin.Chunk = func(token string, chunk types.Body) {
		defer guard.Recover("OnFetchChunk", guard.Silent)
		handle(token, readBody(chunk))
	}
}

// OnFetchEnd registers what is called when a fetch's answer is there as a whole (err is nil), or nothing more will come
// (err is an [*Error]). It is not called after [Fetch.Cancel].
func OnFetchEnd(handle func(token string, err error)) {
	hooks.Register("OnFetchEnd", "fetch-events")
	hooks.Plugin.End = func(token string, outcome wit.Result[wit.Unit, fetch.Failure]) {
		defer guard.Recover("OnFetchEnd", guard.Silent)
		handle(token, readOutcome(outcome))
	}
}

// OnSave registers what makes the state that outlives an instance, in a format of the plugin's own choosing, at most 16
// MiB. It goes together with [OnRestore]. It is called when a new version takes over, when an instance is replaced by a
// fresh one, and from time to time if the operator wants checkpoints; the instance may go on afterwards. Without it a
// new instance starts from nothing.
//
// An error ends the instance; a reload then fails, and the old state is lost.
func OnSave(handle func() ([]byte, error)) {
	hooks.Register("OnSave", "state")
	hooks.Plugin.Save = handle
}

// OnRestore registers what takes over the state of the instance before, which may be one of another version: an older
// one after an update, a newer one after a step back. It is called after OnInit and before any other hook. An error
// refuses the new version, and its text is shown; the old one goes on. It goes together with [OnSave].
func OnRestore(handle func(state []byte) error) {
	hooks.Register("OnRestore", "state")
	hooks.Plugin.Restore = func(state []byte) error { return told(handle(state)) }
}

// KeepJSON registers [OnSave] and [OnRestore] for a variable whose JSON is the whole state. A field that the old
// version does not have keeps the value that it has when the new version starts. A plugin that wants to tell its
// versions apart registers the two itself.
func KeepJSON[T any](state *T) {
	OnSave(func() ([]byte, error) { return json.Marshal(state) })
	OnRestore(func(saved []byte) error {
		if err := json.NewDecoder(bytes.NewReader(saved)).Decode(state); err != nil {
			return fmt.Errorf("the saved state does not fit %T: %w", *state, err)
		}
		return nil
	})
}
