// Package guard stands around every call of a hook. Clients send what they like, so a panic costs the call that it was
// in, and not what the plugin knows of everybody: it becomes one record that says where, and an answer.
package guard

import (
	"errors"
	"fmt"
	"runtime"
	"strings"

	"github.com/roomcast/roomcast/guest-sdk/go/internal/host"
)

// Told is what a client learns of a panic.
const Told = "the plugin has failed"

// Recover is deferred by what runs a hook: after a panic the call ends with what answer sets.
func Recover(hook string, answer func()) {
	if cause := recover(); cause != nil {
		host.Log(host.LevelError, "", describe(hook, cause))
		answer()
	}
}

// Silent is the answer of a hook that has none.
func Silent() {}

// Fatal is deferred by what runs a hook that the contract has no error for. After a panic it does not return: the host
// throws the instance away, and makes a new one.
func Fatal(hook string) {
	if cause := recover(); cause != nil {
		end(describe(hook, cause))
	}
}

// Catch is deferred by what runs a hook that can answer an error: a panic becomes one.
func Catch(hook string, err *error) {
	if cause := recover(); cause != nil {
		*err = errors.New(host.Text(describe(hook, cause)))
	}
}

// End ends the instance because of an error that the contract has no answer for.
func End(hook string, why error) {
	end(fmt.Sprintf("%s: %v", hook, why))
}

func end(text string) {
	host.Log(host.LevelError, "", text)
	trap()
}

// describe says what has panicked, and where: the calls that led there, innermost first, as far as they are in the
// plugin's own code.
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

// own tells a function of the plugin, or of a module that it uses, from one of the standard library or of this SDK: the
// paths of these two begin with a word without a dot, and with the SDK's own.
func own(function string) bool {
	first, _, path := strings.Cut(function, "/")
	sdk := strings.HasPrefix(function, "github.com/roomcast/roomcast/guest-sdk/go/")
	return strings.HasPrefix(function, "main.") || path && strings.Contains(first, ".") && !sdk
}
