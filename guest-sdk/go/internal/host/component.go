//go:build wasip1

package host

import (
	"time"

	fetch "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_fetch"
	hub "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_hub"
	timers "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_timers"
	types "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_types"
	settings "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/wasi_config_store"
	logging "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/wasi_logging_logging"
	wit "github.com/roomcast/roomcast/guest-sdk/go/internal/wit/types"
)

func sendEvent(connection ID, event types.Event) Result[wit.Unit] {
	return hub.SendEvent(connection, event)
}

func sendComment(connection ID, text string) Result[wit.Unit] {
	return hub.SendComment(connection, text)
}

func closeStream(connection ID) Result[wit.Unit] {
	return hub.Close(connection)
}

func isOpen(connection ID) bool {
	return hub.IsOpen(connection)
}

func join(connection ID, room string) Result[wit.Unit] {
	return hub.Join(connection, room)
}

func leave(connection ID, room string) Result[wit.Unit] {
	return hub.Leave(connection, room)
}

func broadcast(room string, event types.Event, except wit.Option[ID]) Result[uint32] {
	return hub.Broadcast(room, event, except)
}

func broadcastMany(rooms []string, event types.Event, except wit.Option[ID], duplicates uint8) Result[uint32] {
	return hub.BroadcastMany(rooms, event, except, duplicates)
}

func members(room string, at wit.Option[uint64], limit uint32) Result[Page] {
	found := hub.Members(room, at, limit)
	if found.IsErr() {
		return wit.Err[Page](found.Err())
	}
	page := found.Ok()
	return wit.Ok[Page, types.Error](Page{Members: page.Members, Total: page.Total, Next: page.Next})
}

func count(room string) Result[uint32] {
	return hub.Count(room)
}

func roomsOf(connection ID) Result[[]string] {
	return hub.RoomsOf(connection)
}

func tagOf(connection ID) Result[wit.Option[string]] {
	return hub.Tag(connection)
}

func setTag(connection ID, tag wit.Option[string]) Result[wit.Unit] {
	return hub.SetTag(connection, tag)
}

func setTimer(delayMs uint32, repetition uint8, token string) Result[uint64] {
	return timers.Set(delayMs, repetition, token)
}

func CancelTimer(timer uint64) bool {
	return timers.Cancel(timer)
}

func startFetch(request Fetch, token string) Result[uint64] {
	return fetch.Start(fetch.Outgoing{
		Method: request.Method, Url: request.URL, Headers: request.Headers, Body: request.Body,
		Connection: request.Connection, TimeoutMs: request.TimeoutMs,
	}, token)
}

func CancelFetch(id uint64) bool {
	return fetch.Cancel(id)
}

// Now is the time of the host.
func Now() time.Time {
	return time.Now()
}

func log(level Level, context, message string) {
	logging.Log(level, context, message)
}

func config(key string) wit.Result[wit.Option[string], string] {
	found := settings.Get(key)
	if found.IsErr() {
		return wit.Err[wit.Option[string]](configError(found.Err()))
	}
	return wit.Ok[wit.Option[string], string](found.Ok())
}

func ConfigAll() wit.Result[[]wit.Tuple2[string, string], string] {
	found := settings.GetAll()
	if found.IsErr() {
		return wit.Err[[]wit.Tuple2[string, string]](configError(found.Err()))
	}
	return wit.Ok[[]wit.Tuple2[string, string], string](found.Ok())
}

func configError(why settings.Error) string {
	if why.Tag() == settings.Error_Io {
		return why.Io()
	}
	return why.Upstream()
}
