// Package keyvalue is the plugin's own store: keys with their values, which outlive the instance.
//
// The operator grants it, with [plugins.capabilities.keyvalue]; without that each call answers
// [roomcast.ErrNotPermitted]. It survives panics and reloads, and with persist = "disk" restarts of the server. A call
// never waits for the disk: after a crash of the machine, the last second or so may be missing. A key is at most 1 KiB
// long, and all of it together is bounded by a quota; both are the operator's to change.
package keyvalue

import (
	"github.com/roomcast/roomcast/guest-sdk/go/internal/host"
	wit "github.com/roomcast/roomcast/guest-sdk/go/internal/wit/types"
	"github.com/roomcast/roomcast/guest-sdk/go/roomcast"
)

// Get is the value of a key, and whether it is there.
func Get(key string) (value []byte, ok bool, err error) {
	found, why := host.StoreGet(key)
	if why != nil {
		return nil, false, raise(why)
	}
	return found.SomeOr(nil), found.IsSome(), nil
}

// Set gives a key a value, in place of one that it may have.
func Set(key string, value []byte) error {
	return raise(host.StoreSet(key, value))
}

// Delete takes a key out. No error when it is not there.
func Delete(key string) error {
	return raise(host.StoreDelete(key))
}

// Exists tells whether a key is there.
func Exists(key string) (bool, error) {
	found, why := host.StoreExists(key)
	return found, raise(why)
}

// Keys are all keys, in no promised order.
func Keys() ([]string, error) {
	var keys []string
	for cursor := wit.None[string](); ; {
		page, next, why := host.StoreKeys(cursor)
		if why != nil {
			return nil, raise(why)
		}
		keys = append(keys, page...)
		if next.IsNone() {
			return keys, nil
		}
		cursor = next
	}
}

// Increment adds to a number, which is kept as decimal text; a key that is not there counts as 0. It answers the sum,
// or an error when the value is no such number, or the sum does not fit.
func Increment(key string, delta int64) (int64, error) {
	sum, why := host.StoreIncrement(key, delta)
	return sum, raise(why)
}

// raise answers nil for nil, as an error and not as a pointer in one.
func raise(why *host.StoreError) error {
	switch {
	case why == nil:
		return nil
	case why.Denied:
		return &roomcast.Error{Kind: roomcast.NotPermitted, Name: "capabilities.keyvalue"}
	default:
		return &roomcast.Error{Kind: roomcast.Store, Reason: why.Reason}
	}
}
