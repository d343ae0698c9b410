// Package guard wraps every call of a hook. Clients can send anything, so a panic fails only the current call and the
// instance keeps its state: the panic is logged with its location, and becomes an answer.
package guard

import (
	"errors"
	"fmt"

	"github.com/roomcast/roomcast/guest-sdk/go/internal/host"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/place"
)

// Told is the text that a client gets after a panic, or an error of the host that the plugin has not handled.
const Told = "the plugin has failed"

// Recover is deferred by the caller of a hook: after a panic, answer sets the call's result.
func Recover(hook string, answer func()) {
	if cause := recover(); cause != nil {
		host.Log(host.LevelError, "", describe(hook, cause))
		answer()
	}
}

// Silent is the answer of a hook that has none.
func Silent() {}

// Catch is deferred by the caller of a hook that can return an error: a panic becomes one.
func Catch(hook string, err *error) {
	if cause := recover(); cause != nil {
		*err = errors.New(host.Text(describe(hook, cause)))
	}
}

// Report logs an error that a hook has returned, with the place where it was made.
func Report(hook string, why error, stack place.Stack) {
	host.Log(host.LevelError, "", fmt.Sprintf("error in %s: %v%s", hook, why, stack))
}

// describe returns the cause and the location of a panic.
func describe(hook string, cause any) string {
	return fmt.Sprintf("panic in %s: %v%s", hook, cause, place.Here())
}
