//go:build wasip1

package host

import (
	atomics "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/wasi_keyvalue_atomics"
	batch "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/wasi_keyvalue_batch"
	store "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/wasi_keyvalue_store"
	wit "github.com/roomcast/roomcast/guest-sdk/go/internal/wit/types"
)

// bucket is the plugin's store, opened at the first use. A plugin that does not use it does not import it.
var bucket *store.Bucket

// onBucket calls a function with the store, and converts errors to the type shared with tests.
func onBucket[T any](work func(*store.Bucket) wit.Result[T, store.Error]) (T, *StoreError) {
	var none T
	if bucket == nil {
		opened := store.Open("default")
		if opened.IsErr() {
			return none, storeError(opened.Err())
		}
		bucket = opened.Ok()
	}
	answer := work(bucket)
	if answer.IsErr() {
		return none, storeError(answer.Err())
	}
	return answer.Ok(), nil
}

func storeError(why store.Error) *StoreError {
	switch why.Tag() {
	case store.Error_AccessDenied:
		return &StoreError{Denied: true}
	case store.Error_NoSuchStore:
		return &StoreError{Reason: "there is no bucket with this name"}
	default:
		return &StoreError{Reason: why.Other()}
	}
}

func storeGet(key string) (wit.Option[[]byte], *StoreError) {
	return onBucket(func(b *store.Bucket) wit.Result[wit.Option[[]byte], store.Error] { return b.Get(key) })
}

func storeSet(key string, value []byte) *StoreError {
	_, why := onBucket(func(b *store.Bucket) wit.Result[wit.Unit, store.Error] { return b.Set(key, value) })
	return why
}

func storeDelete(key string) *StoreError {
	_, why := onBucket(func(b *store.Bucket) wit.Result[wit.Unit, store.Error] { return b.Delete(key) })
	return why
}

func storeExists(key string) (bool, *StoreError) {
	return onBucket(func(b *store.Bucket) wit.Result[bool, store.Error] { return b.Exists(key) })
}

func StoreKeys(cursor wit.Option[string]) ([]string, wit.Option[string], *StoreError) {
	page, why := onBucket(func(b *store.Bucket) wit.Result[store.KeyResponse, store.Error] { return b.ListKeys(cursor) })
	return page.Keys, page.Cursor, why
}

func storeIncrement(key string, delta int64) (int64, *StoreError) {
	return onBucket(func(b *store.Bucket) wit.Result[int64, store.Error] { return atomics.Increment(b, key, delta) })
}

func storeGetMany(keys []string) ([]wit.Option[Pair], *StoreError) {
	return onBucket(func(b *store.Bucket) wit.Result[[]wit.Option[Pair], store.Error] { return batch.GetMany(b, keys) })
}

func storeSetMany(pairs []Pair) *StoreError {
	_, why := onBucket(func(b *store.Bucket) wit.Result[wit.Unit, store.Error] { return batch.SetMany(b, pairs) })
	return why
}

func storeDeleteMany(keys []string) *StoreError {
	_, why := onBucket(func(b *store.Bucket) wit.Result[wit.Unit, store.Error] { return batch.DeleteMany(b, keys) })
	return why
}

func storeUpdate(key string, change Change) (*StoreError, error) {
	cas, why := onBucket(func(b *store.Bucket) wit.Result[*atomics.Cas, store.Error] { return atomics.CasNew(b, key) })
	if why != nil {
		return why, nil
	}
	for {
		seen := cas.Current()
		if seen.IsErr() {
			cas.Drop()
			return storeError(seen.Err()), nil
		}
		value, err := change(seen.Ok())
		if err != nil {
			cas.Drop()
			return nil, err
		}
		swapped := atomics.Swap(cas, value)
		if swapped.IsOk() {
			return nil, nil
		}
		failure := swapped.Err()
		if failure.Tag() == atomics.CasError_StoreError {
			return storeError(failure.StoreError()), nil
		}
		cas = failure.CasFailed()
	}
}
