package main

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/roomcast/roomcast/guest-sdk/go/roomcast"
)

const (
	maxCharacters = 40
	// reserved is the prefix of the server's own rooms, such as __all.
	reserved = "__"
)

// personName is a person's name, trimmed.
func personName(name string) (string, error) {
	return checked("name", name)
}

// roomName is a room's name, trimmed.
func roomName(name string) (string, error) {
	name, err := checked("room", name)
	if err == nil && strings.HasPrefix(name, reserved) {
		err = fmt.Errorf("`room`: names that start with %s are the server's own, take another", reserved)
	}
	return name, err
}

// guestName is the default name.
func guestName(c roomcast.Connection) string {
	return "guest-" + c.String()[:4]
}

func checked(what, name string) (string, error) {
	name = strings.TrimSpace(name)
	switch {
	case name == "":
		return "", fmt.Errorf("`%s` must not be empty", what)
	case utf8.RuneCountInString(name) > maxCharacters:
		return "", fmt.Errorf("`%s` is at most 40 characters long", what)
	case strings.ContainsFunc(name, unicode.IsControl):
		return "", fmt.Errorf("`%s` must not contain control characters", what)
	}
	return name, nil
}
