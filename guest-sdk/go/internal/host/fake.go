//go:build !wasip1

package host

import (
	"time"

	types "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_types"
	wit "github.com/roomcast/roomcast/guest-sdk/go/internal/wit/types"
)

// Host is the interface of a fake host.
type Host interface {
	SendEvent(connection ID, event types.Event) Result[wit.Unit]
	SendComment(connection ID, text string) Result[wit.Unit]
	Close(connection ID) Result[wit.Unit]
	IsOpen(connection ID) bool
	Join(connection ID, room string) Result[wit.Unit]
	Leave(connection ID, room string) Result[wit.Unit]
	Broadcast(room string, event types.Event, except wit.Option[ID]) Result[uint32]
	BroadcastMany(rooms []string, event types.Event, except wit.Option[ID], duplicates uint8) Result[uint32]
	Members(room string, at wit.Option[uint64], limit uint32) Result[Page]
	Count(room string) Result[uint32]
	RoomsOf(connection ID) Result[[]string]
	Tag(connection ID) Result[wit.Option[string]]
	SetTag(connection ID, tag wit.Option[string]) Result[wit.Unit]
	SetTimer(delayMs uint32, repetition uint8, token string) Result[uint64]
	CancelTimer(timer uint64) bool
	StartFetch(request Fetch, token string) Result[uint64]
	CancelFetch(id uint64) bool
	Now() time.Time
	Log(level Level, context, message string)
	Config(key string) wit.Result[wit.Option[string], string]
	ConfigAll() wit.Result[[]wit.Tuple2[string, string], string]
	StoreGet(key string) (wit.Option[[]byte], *StoreError)
	StoreSet(key string, value []byte) *StoreError
	StoreDelete(key string) *StoreError
	StoreExists(key string) (bool, *StoreError)
	StoreKeys(cursor wit.Option[string]) ([]string, wit.Option[string], *StoreError)
	StoreIncrement(key string, delta int64) (int64, *StoreError)
	StoreGetMany(keys []string) ([]wit.Option[Pair], *StoreError)
	StoreSetMany(pairs []Pair) *StoreError
	StoreDeleteMany(keys []string) *StoreError
	StoreUpdate(key string, change Change) (*StoreError, error)
}

// Fake is the host of the running test, or nil.
var Fake Host

func fake() Host {
	if Fake == nil {
		panic("no host: plugins run in the server, and in tests that call roomcasttest.Start")
	}
	return Fake
}

func sendEvent(connection ID, event types.Event) Result[wit.Unit] {
	return fake().SendEvent(connection, event)
}

func sendComment(connection ID, text string) Result[wit.Unit] {
	return fake().SendComment(connection, text)
}

func closeStream(connection ID) Result[wit.Unit] {
	return fake().Close(connection)
}

func isOpen(connection ID) bool {
	return fake().IsOpen(connection)
}

func join(connection ID, room string) Result[wit.Unit] {
	return fake().Join(connection, room)
}

func leave(connection ID, room string) Result[wit.Unit] {
	return fake().Leave(connection, room)
}

func broadcast(room string, event types.Event, except wit.Option[ID]) Result[uint32] {
	return fake().Broadcast(room, event, except)
}

func broadcastMany(rooms []string, event types.Event, except wit.Option[ID], duplicates uint8) Result[uint32] {
	return fake().BroadcastMany(rooms, event, except, duplicates)
}

func members(room string, at wit.Option[uint64], limit uint32) Result[Page] {
	return fake().Members(room, at, limit)
}

func count(room string) Result[uint32] {
	return fake().Count(room)
}

func roomsOf(connection ID) Result[[]string] {
	return fake().RoomsOf(connection)
}

func tagOf(connection ID) Result[wit.Option[string]] {
	return fake().Tag(connection)
}

func setTag(connection ID, tag wit.Option[string]) Result[wit.Unit] {
	return fake().SetTag(connection, tag)
}

func setTimer(delayMs uint32, repetition uint8, token string) Result[uint64] {
	return fake().SetTimer(delayMs, repetition, token)
}

func CancelTimer(timer uint64) bool {
	return fake().CancelTimer(timer)
}

func startFetch(request Fetch, token string) Result[uint64] {
	return fake().StartFetch(request, token)
}

func CancelFetch(id uint64) bool {
	return fake().CancelFetch(id)
}

// Now is the time of the test.
func Now() time.Time {
	return fake().Now()
}

func log(level Level, context, message string) {
	fake().Log(level, context, message)
}

func config(key string) wit.Result[wit.Option[string], string] {
	return fake().Config(key)
}

func ConfigAll() wit.Result[[]wit.Tuple2[string, string], string] {
	return fake().ConfigAll()
}

func storeGet(key string) (wit.Option[[]byte], *StoreError) {
	return fake().StoreGet(key)
}

func storeSet(key string, value []byte) *StoreError {
	return fake().StoreSet(key, value)
}

func storeDelete(key string) *StoreError {
	return fake().StoreDelete(key)
}

func storeExists(key string) (bool, *StoreError) {
	return fake().StoreExists(key)
}

func StoreKeys(cursor wit.Option[string]) ([]string, wit.Option[string], *StoreError) {
	return fake().StoreKeys(cursor)
}

func storeIncrement(key string, delta int64) (int64, *StoreError) {
	return fake().StoreIncrement(key, delta)
}

func storeGetMany(keys []string) ([]wit.Option[Pair], *StoreError) {
	return fake().StoreGetMany(keys)
}

func storeSetMany(pairs []Pair) *StoreError {
	return fake().StoreSetMany(pairs)
}

func storeDeleteMany(keys []string) *StoreError {
	return fake().StoreDeleteMany(keys)
}

func storeUpdate(key string, change Change) (*StoreError, error) {
	return fake().StoreUpdate(key, change)
}
