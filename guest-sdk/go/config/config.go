// Package config reads the plugin's own settings: the table [plugins.config] of its entry in roomcast.toml.
package config

import (
	"fmt"

	"github.com/roomcast/roomcast/guest-sdk/go/internal/host"
	"github.com/roomcast/roomcast/guest-sdk/go/roomcast"
)

// Get returns the value of a key, and whether it is set. It fails if the host cannot read its store.
func Get(key string) (value string, ok bool, err error) {
	found := host.Config(key)
	if found.IsErr() {
		return "", false, unreadable(found.Err())
	}
	return found.Ok().SomeOr(""), found.Ok().IsSome(), nil
}

// All returns all keys with their values.
func All() (map[string]string, error) {
	found := host.ConfigAll()
	if found.IsErr() {
		return nil, unreadable(found.Err())
	}
	all := make(map[string]string, len(found.Ok()))
	for _, pair := range found.Ok() {
		all[pair.F0] = pair.F1
	}
	return all, nil
}

// String returns the value of a key, or the fallback if it is not set.
func String(key, fallback string) (string, error) {
	value, ok, err := Get(key)
	if !ok {
		value = fallback
	}
	return value, err
}

// Parse returns the value of a key, parsed for example as a number or a boolean, or the fallback if it is not set:
//
//	seats, err := config.Parse("seats", 100, strconv.Atoi)
//	pause, err := config.Parse("pause", time.Minute, time.ParseDuration)
//
// The error for a value that cannot be parsed names the key and the value: return it from OnInit.
func Parse[T any](key string, fallback T, parse func(string) (T, error)) (T, error) {
	text, ok, err := Get(key)
	if err != nil || !ok {
		return fallback, err
	}
	value, err := parse(text)
	if err != nil {
		return fallback, fmt.Errorf("config `%s` = %q: %w", key, text, err)
	}
	return value, nil
}

func unreadable(why string) error {
	return roomcast.NewError(roomcast.Other, "", "cannot read the plugin's configuration: "+why)
}
