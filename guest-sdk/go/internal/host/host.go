// Package host makes the calls to the host: in a component those of the contract, in a test those of a fake.
package host

import (
	types "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_types"
	wit "github.com/roomcast/roomcast/guest-sdk/go/internal/wit/types"
)

// Result is what most calls answer.
type Result[T any] = wit.Result[T, types.Error]

// Level is how serious a record of the log is.
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

// Page is a part of a room's members.
type Page struct {
	Members []string
	Total   uint32
}

// Fetch is what a fetch asks of whom.
type Fetch struct {
	Method, URL string
	Headers     []wit.Tuple2[string, string]
	Body        types.Body
	Connection  wit.Option[string]
	TimeoutMs   wit.Option[uint32]
}

// Pair is a key of the store with its value.
type Pair = wit.Tuple2[string, []byte]

// Change makes a value of the one that a key has, if it has one.
type Change = func(value wit.Option[[]byte]) ([]byte, error)

// StoreError is why the store refused a call.
type StoreError struct {
	// Denied says that the operator has granted no store.
	Denied bool
	// Reason is the store's text; empty when Denied.
	Reason string
}
