// Package keyvalue is the plugin's own store: keys with their values, which outlive the instance.
//
// The operator grants it, with [plugins.capabilities.keyvalue]; without that each call answers
// [roomcast.ErrNotPermitted]. It survives panics and reloads, and with persist = "disk" restarts of the server. A call
// never waits for the disk: after a crash of the machine, the last second or so may be missing. A key is at most 1 KiB
// long, and all of it together is bounded by a quota; both are the operator's to change.
package keyvalue

import (
	"maps"
	"slices"

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

// GetMany are the values of several keys, at most 1,000; one that is not there has none.
func GetMany(keys ...string) (map[string][]byte, error) {
	found, why := host.StoreGetMany(keys)
	if why != nil {
		return nil, raise(why)
	}
	values := make(map[string][]byte, len(found))
	for _, pair := range found {
		if pair.IsSome() {
			values[pair.Some().F0] = pair.Some().F1
		}
	}
	return values, nil
}

// SetMany gives several keys values, at most 1,000, in the order of the keys. What comes before an error stays.
func SetMany(values map[string][]byte) error {
	var pairs []host.Pair
	for _, key := range slices.Sorted(maps.Keys(values)) {
		pairs = append(pairs, host.Pair{F0: key, F1: values[key]})
	}
	return raise(host.StoreSetMany(pairs))
}

// DeleteMany takes several keys out, at most 1,000. No error for one that is not there.
func DeleteMany(keys ...string) error {
	return raise(host.StoreDeleteMany(keys))
}

// Update gives a key a value that depends on the one that it has: change gets that, and whether it is there, and answers
// the new one. It is called again when somebody else, such as another instance of the plugin, was faster. An error of
// change leaves everything as it is, and is the answer.
func Update(key string, change func(value []byte, ok bool) ([]byte, error)) error {
	why, err := host.StoreUpdate(key, func(value wit.Option[[]byte]) ([]byte, error) {
		return change(value.SomeOr(nil), value.IsSome())
	})
	if why != nil {
		return raise(why)
	}
	return err
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
