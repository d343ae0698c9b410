// Package keyvalue is the plugin's own key-value store, which outlives the instance.
//
// The operator grants it with [plugins.capabilities.keyvalue]; otherwise each call returns [roomcast.ErrNotPermitted]. It
// survives panics and reloads; with persist = "disk" also restarts of the server. Calls never wait for the disk: if the
// machine crashes, about the last second of writes may be lost. A key is at most 1 KiB, and a quota limits the total size;
// the operator may change both.
package keyvalue

import (
	"maps"
	"slices"

	"github.com/roomcast/roomcast/guest-sdk/go/internal/host"
	wit "github.com/roomcast/roomcast/guest-sdk/go/internal/wit/types"
	"github.com/roomcast/roomcast/guest-sdk/go/roomcast"
)

// Get returns the value of a key, and whether it exists.
func Get(key string) (value []byte, ok bool, err error) {
	found, why := host.StoreGet(key)
	if why != nil {
		return nil, false, raise(why)
	}
	return found.SomeOr(nil), found.IsSome(), nil
}

// Set sets the value of a key, replacing any previous one.
func Set(key string, value []byte) error {
	return raise(host.StoreSet(key, value))
}

// Delete deletes a key. A missing key is ignored.
func Delete(key string) error {
	return raise(host.StoreDelete(key))
}

// Exists reports whether a key exists.
func Exists(key string) (bool, error) {
	found, why := host.StoreExists(key)
	return found, raise(why)
}

// Keys returns all keys, in no particular order.
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

// Increment adds to a number stored as decimal text; a missing key counts as 0. It returns the sum. It fails if the value is
// not such a number or the sum overflows.
func Increment(key string, delta int64) (int64, error) {
	sum, why := host.StoreIncrement(key, delta)
	return sum, raise(why)
}

// GetMany returns the values of at most 1,000 keys, without those of missing keys.
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

// SetMany sets at most 1,000 keys, in order, as one operation: after an error, no key has changed.
func SetMany(values map[string][]byte) error {
	var pairs []host.Pair
	for _, key := range slices.Sorted(maps.Keys(values)) {
		pairs = append(pairs, host.Pair{F0: key, F1: values[key]})
	}
	return raise(host.StoreSetMany(pairs))
}

// DeleteMany deletes at most 1,000 keys. Missing keys are ignored.
func DeleteMany(keys ...string) error {
	return raise(host.StoreDeleteMany(keys))
}

// Update sets a key to a value computed from the current one: change gets that value, and whether it exists, and returns the
// new one. It is called again if the value has changed in between, for example by another instance of the plugin. If change
// returns an error, nothing is set and Update returns that error.
func Update(key string, change func(value []byte, ok bool) ([]byte, error)) error {
	why, err := host.StoreUpdate(key, func(value wit.Option[[]byte]) ([]byte, error) {
		return change(value.SomeOr(nil), value.IsSome())
	})
	if why != nil {
		return raise(why)
	}
	return err
}

// raise returns a nil error for nil, not an error that holds a nil pointer.
func raise(why *host.StoreError) error {
	switch {
	case why == nil:
		return nil
	case why.Denied:
		return roomcast.NewError(roomcast.NotPermitted, "capabilities.keyvalue", "")
	default:
		return roomcast.NewError(roomcast.Store, "", why.Reason)
	}
}
