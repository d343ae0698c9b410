package roomcasttest

import (
	"bytes"
	"maps"
	"slices"
	"strconv"

	"github.com/roomcast/roomcast/guest-sdk/go/internal/host"
	wit "github.com/roomcast/roomcast/guest-sdk/go/internal/wit/types"
)

func (c calls) StoreGet(key string) (wit.Option[[]byte], *host.StoreError) {
	value, ok := c.hub.store[key]
	if !ok {
		return wit.None[[]byte](), nil
	}
	return wit.Some(slices.Clone(value)), nil
}

func (c calls) StoreSet(key string, value []byte) *host.StoreError {
	if len(key) > maxKey {
		return &host.StoreError{Reason: "`capabilities.keyvalue.key_bytes`: a key has at most 1024 bytes"}
	}
	used := len(key) + len(value) + pairOverhead
	for other, kept := range c.hub.store {
		if other != key {
			used += len(other) + len(kept) + pairOverhead
		}
	}
	if used > quota {
		return &host.StoreError{Reason: "`capabilities.keyvalue.quota` = 10MiB: take something out first"}
	}
	c.hub.store[key] = slices.Clone(value)
	return nil
}

func (c calls) StoreDelete(key string) *host.StoreError {
	delete(c.hub.store, key)
	return nil
}

func (c calls) StoreExists(key string) (bool, *host.StoreError) {
	_, ok := c.hub.store[key]
	return ok, nil
}

func (c calls) StoreKeys(wit.Option[string]) ([]string, wit.Option[string], *host.StoreError) {
	return slices.Sorted(maps.Keys(c.hub.store)), wit.None[string](), nil
}

func (c calls) StoreIncrement(key string, delta int64) (int64, *host.StoreError) {
	var number int64
	if value, ok := c.hub.store[key]; ok {
		var err error
		if number, err = strconv.ParseInt(string(value), 10, 64); err != nil {
			return 0, &host.StoreError{Reason: "the value is no number in decimal"}
		}
	}
	sum := number + delta
	if (sum > number) != (delta > 0) && delta != 0 {
		return 0, &host.StoreError{Reason: "the sum is beyond 64 bits"}
	}
	return sum, c.StoreSet(key, strconv.AppendInt(nil, sum, 10))
}

func (c calls) StoreGetMany(keys []string) ([]wit.Option[host.Pair], *host.StoreError) {
	if why := checkMany(len(keys)); why != nil {
		return nil, why
	}
	var found []wit.Option[host.Pair]
	for _, key := range keys {
		pair := wit.None[host.Pair]()
		if value, ok := c.hub.store[key]; ok {
			pair = wit.Some(host.Pair{F0: key, F1: slices.Clone(value)})
		}
		found = append(found, pair)
	}
	return found, nil
}

func (c calls) StoreSetMany(pairs []host.Pair) *host.StoreError {
	why := checkMany(len(pairs))
	for _, pair := range pairs {
		if why == nil {
			why = c.StoreSet(pair.F0, pair.F1)
		}
	}
	return why
}

func (c calls) StoreDeleteMany(keys []string) *host.StoreError {
	why := checkMany(len(keys))
	for _, key := range keys {
		if why == nil {
			why = c.StoreDelete(key)
		}
	}
	return why
}

func (c calls) StoreUpdate(key string, change host.Change) (*host.StoreError, error) {
	for {
		seen, _ := c.StoreGet(key)
		value, err := change(seen)
		if err != nil {
			return nil, err
		}
		if now, _ := c.StoreGet(key); now.IsSome() == seen.IsSome() && bytes.Equal(now.SomeOr(nil), seen.SomeOr(nil)) {
			return c.StoreSet(key, value), nil
		}
	}
}
