// Package guard wraps every call of a hook. Clients can send anything, so a panic fails only the current call and the
// instance keeps its state: the panic is logged with its location, and becomes an answer.
package guard

import (
	"errors"
	"fmt"
	"runtime"
	"strings"

	"github.com/roomcast/roomcast/guest-sdk/go/internal/host"
)

// Told is the text that a client gets after a panic.
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

// Fatal is deferred by the caller of a hook that has no error in the contract. After a panic it does not return: the host
// replaces the instance.
func Fatal(hook string) {
	if cause := recover(); cause != nil {
		end(describe(hook, cause))
	}
}

// Catch is deferred by the caller of a hook that can return an error: a panic becomes one.
func Catch(hook string, err *error) {
	if cause := recover(); cause != nil {
		*err = errors.New(host.Text(describe(hook, cause)))
	}
}

// End ends the instance after an error that has no answer in the contract.
func End(hook string, why error) {
	end(fmt.Sprintf("%s: %v", hook, why))
}

func end(text string) {
	host.Log(host.LevelError, "", text)
	trap()
}

// describe returns the cause and the location of a panic: the frames of the plugin's own code, innermost first.
func describe(hook string, cause any) string {
	var text strings.Builder
	fmt.Fprintf(&text, "panic in %s: %v", hook, cause)
	counters := make([]uintptr, 64)
	frames := runtime.CallersFrames(counters[:runtime.Callers(0, counters)])
	for separator, more := ", in ", true; more; {
		var frame runtime.Frame
		frame, more = frames.Next()
		if own(frame.Function) {
			fmt.Fprintf(&text, "%s%s (%s:%d)", separator, frame.Function, frame.File, frame.Line)
			separator = ", called from "
		}
	}
	return text.String()
}

// own reports whether a function belongs to the plugin or a module that it uses, not to the standard library (whose import
// paths begin with a word without a dot) or to this SDK.
func own(function string) bool {
	first, _, path := strings.Cut(function, "/")
	sdk := strings.HasPrefix(function, "github.com/roomcast/roomcast/guest-sdk/go/")
	return strings.HasPrefix(function, "main.") || path && strings.Contains(first, ".") && !sdk
}
