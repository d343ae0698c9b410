package host

import (
	"strings"

	types "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_types"
	wit "github.com/roomcast/roomcast/guest-sdk/go/internal/wit/types"
)

// Text converts a string for the host. A Go string may hold any bytes, for example from a client; invalid UTF-8 would end
// the instance, so it is replaced by U+FFFD. Each text that a function of this package gets is converted so.
func Text(text string) string {
	return strings.ToValidUTF8(text, "\uFFFD")
}

// SendEvent sends an event of package wire, whose texts are already converted.
func SendEvent(connection ID, event types.Event) Result[wit.Unit] {
	return sendEvent(connection, event)
}

func SendComment(connection ID, text string) Result[wit.Unit] {
	return sendComment(connection, Text(text))
}

func Close(connection ID) Result[wit.Unit] {
	return closeStream(connection)
}

func IsOpen(connection ID) bool {
	return isOpen(connection)
}

func Join(connection ID, room string) Result[wit.Unit] {
	return join(connection, Text(room))
}

func Leave(connection ID, room string) Result[wit.Unit] {
	return leave(connection, Text(room))
}

// Broadcast broadcasts an event of package wire, whose texts are already converted.
func Broadcast(room string, event types.Event, except wit.Option[ID]) Result[uint32] {
	return broadcast(Text(room), event, except)
}

// BroadcastMany broadcasts an event of package wire, whose texts are already converted.
func BroadcastMany(rooms []string, event types.Event, except wit.Option[ID], duplicates uint8) Result[uint32] {
	return broadcastMany(each(rooms, Text), event, except, duplicates)
}

func Members(room string, at wit.Option[uint64], limit uint32) Result[Page] {
	return members(Text(room), at, limit)
}

func Count(room string) Result[uint32] {
	return count(Text(room))
}

func RoomsOf(connection ID) Result[[]string] {
	return roomsOf(connection)
}

func Tag(connection ID) Result[wit.Option[string]] {
	return tagOf(connection)
}

func SetTag(connection ID, tag wit.Option[string]) Result[wit.Unit] {
	return setTag(connection, option(tag))
}

func SetTimer(delayMs uint32, repetition uint8, token string) Result[uint64] {
	return setTimer(delayMs, repetition, Text(token))
}

// StartFetch starts a fetch whose headers are already converted.
func StartFetch(request Fetch, token string) Result[uint64] {
	request.Method, request.URL = Text(request.Method), Text(request.URL)
	return startFetch(request, Text(token))
}

func Log(level Level, context, message string) {
	log(level, Text(context), Text(message))
}

func Config(key string) wit.Result[wit.Option[string], string] {
	return config(Text(key))
}

func StoreGet(key string) (wit.Option[[]byte], *StoreError) {
	return storeGet(Text(key))
}

func StoreSet(key string, value []byte) *StoreError {
	return storeSet(Text(key), value)
}

func StoreDelete(key string) *StoreError {
	return storeDelete(Text(key))
}

func StoreExists(key string) (bool, *StoreError) {
	return storeExists(Text(key))
}

func StoreIncrement(key string, delta int64) (int64, *StoreError) {
	return storeIncrement(Text(key), delta)
}

func StoreGetMany(keys []string) ([]wit.Option[Pair], *StoreError) {
	return storeGetMany(each(keys, Text))
}

func StoreSetMany(pairs []Pair) *StoreError {
	return storeSetMany(each(pairs, func(pair Pair) Pair { return Pair{F0: Text(pair.F0), F1: pair.F1} }))
}

func StoreDeleteMany(keys []string) *StoreError {
	return storeDeleteMany(each(keys, Text))
}

func StoreUpdate(key string, change Change) (*StoreError, error) {
	return storeUpdate(Text(key), change)
}

func option(text wit.Option[string]) wit.Option[string] {
	if text.IsNone() {
		return text
	}
	return wit.Some(Text(text.Some()))
}

func each[T any](values []T, change func(T) T) []T {
	changed := make([]T, len(values))
	for i, value := range values {
		changed[i] = change(value)
	}
	return changed
}
