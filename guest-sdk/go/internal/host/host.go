// Package host calls the host: the contract's imports in a component, a fake in a test.
package host

import (
	types "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_types"
	wit "github.com/roomcast/roomcast/guest-sdk/go/internal/wit/types"
)

// Result is the result of most calls.
type Result[T any] = wit.Result[T, types.Error]

// Level is the severity of a log record.
type Level = uint8

// The levels of wasi:logging.
const (
	LevelTrace Level = iota
	LevelDebug
	LevelInfo
	LevelWarn
	LevelError
	LevelCritical
)

// ID is the id of a connection.
type ID = types.ConnectionId

// Page is one page of a room's members; Next is where the next one begins.
type Page struct {
	Members []ID
	Total   uint32
	Next    wit.Option[uint64]
}

// Fetch is the request of a fetch.
type Fetch struct {
	Method, URL string
	Headers     []wit.Tuple2[string, string]
	Body        []byte
	Connection  wit.Option[ID]
	TimeoutMs   wit.Option[uint32]
}

// Pair is a key of the store with its value.
type Pair = wit.Tuple2[string, []byte]

// Change computes a key's new value from the current one, if any.
type Change = func(value wit.Option[[]byte]) ([]byte, error)

// StoreError is why the store refused a call.
type StoreError struct {
	// Denied is true if the operator has granted no store.
	Denied bool
	// Reason is the store's text; empty when Denied.
	Reason string
}
