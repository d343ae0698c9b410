package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/roomcast/roomcast/guest-sdk/go/keyvalue"
	"github.com/roomcast/roomcast/guest-sdk/go/roomcast"
)

// storeCall runs a command if it is one about the store. The SDK has the bucket `default` and no other, and goes through all
// pages of keys itself: `kv-page` and other buckets it has not.
func storeCall(op string, c command, _ roomcast.Connection) (object, error) {
	if !strings.HasPrefix(op, "kv-") {
		return nil, nil
	}
	key, _ := c.optionalText("key")
	keys, _ := optional[[]string](c, "keys")
	value := []byte(c.repeated("value"))
	switch op {
	case "kv-get":
		found, ok, err := keyvalue.Get(key)
		return stored(textOf(found, ok), err), nil
	case "kv-set":
		return stored(nil, keyvalue.Set(key, value)), nil
	case "kv-delete":
		return stored(nil, keyvalue.Delete(key)), nil
	case "kv-exists":
		found, err := keyvalue.Exists(key)
		return stored(found, err), nil
	case "kv-increment":
		delta, err := required[int64](c, "delta")
		if err != nil {
			return nil, err
		}
		sum, err := keyvalue.Increment(key, delta)
		return stored(sum, err), nil
	case "kv-keys":
		found, err := keyvalue.Keys()
		return stored(list(found), err), nil
	case "kv-get-many":
		found, err := keyvalue.GetMany(keys...)
		pairs := []any{}
		for _, key := range keys {
			if value, ok := found[key]; ok {
				pairs = append(pairs, [2]any{key, textOf(value, ok)})
			} else {
				pairs = append(pairs, nil)
			}
		}
		return stored(pairs, err), nil
	case "kv-set-many":
		values := map[string][]byte{}
		for _, key := range keys {
			values[key] = value
		}
		return stored(nil, keyvalue.SetMany(values)), nil
	case "kv-delete-many":
		return stored(nil, keyvalue.DeleteMany(keys...)), nil
	case "kv-swap":
		return swap(c, key, value), nil
	case "kv-fill":
		count, err := required[int](c, "fill")
		taken := 0
		for taken < count && keyvalue.Set(fmt.Sprintf("fill%05d", taken), value) == nil {
			taken++
		}
		return object{"ok": taken}, err
	}
	return nil, fmt.Errorf("there is no command `%s`", op)
}

// swap updates a key, which `meanwhile` changes once in between.
func swap(c command, key string, value []byte) object {
	var seen []any
	err := keyvalue.Update(key, func(before []byte, ok bool) ([]byte, error) {
		seen = append(seen, textOf(before, ok))
		if meanwhile, ok := c.optionalText("meanwhile"); ok && len(seen) == 1 {
			if err := keyvalue.Set(key, []byte(meanwhile)); err != nil {
				return nil, err
			}
		}
		return value, nil
	})
	said := object{}
	for i, name := range []string{"seen", "then"} {
		if i < len(seen) {
			said[name] = seen[i]
		}
	}
	return stored(said, err)
}

func textOf(value []byte, ok bool) any {
	if !ok {
		return nil
	}
	return strings.ToValidUTF8(string(value), "\uFFFD")
}

// stored is a result whose errors have the names of the store's interface.
func stored(value any, err error) object {
	if errors.Is(err, roomcast.ErrNotPermitted) {
		return object{"error": object{"kind": "access-denied"}}
	}
	return result(value, err)
}
