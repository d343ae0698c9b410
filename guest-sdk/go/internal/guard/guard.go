// Package guard stands around every call of a hook: a panic becomes one record that says where, before the instance ends.
package guard

import (
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/roomcast/roomcast/guest-sdk/go/internal/host"
)

// Call runs a hook. After a panic it does not return: the host throws the instance away, and makes a new one.
func Call[T any](hook string, work func() T) T {
	defer report(hook)
	return work()
}

// Run is Call for a hook that answers nothing.
func Run(hook string, work func()) {
	defer report(hook)
	work()
}

// End ends the instance because of an error that the contract has no answer for.
func End(hook string, why error) {
	end(fmt.Sprintf("%s: %v", hook, why))
}

func report(hook string) {
	if cause := recover(); cause != nil {
		end(fmt.Sprintf("panic in %s: %v%s", hook, cause, places()))
	}
}

func end(text string) {
	host.Log(host.LevelError, "", text)
	os.Exit(1)
}

// places are the calls that led to the panic, innermost first, as far as they are in the plugin's own code.
func places() string {
	counters := make([]uintptr, 64)
	frames := runtime.CallersFrames(counters[:runtime.Callers(0, counters)])
	var places strings.Builder
	for {
		frame, more := frames.Next()
		if own(frame.Function) {
			separator := ", called from "
			if places.Len() == 0 {
				separator = ", in "
			}
			fmt.Fprintf(&places, "%s%s (%s:%d)", separator, frame.Function, frame.File, frame.Line)
		}
		if !more {
			return places.String()
		}
	}
}

// own tells a plugin's function from one of the runtime, of the standard library, or of this SDK.
func own(function string) bool {
	const sdk = "github.com/roomcast/roomcast/guest-sdk/go/"
	return strings.HasPrefix(function, "main.") ||
		strings.Contains(strings.SplitN(function, "/", 2)[0], ".") && !strings.HasPrefix(function, sdk) && strings.Contains(function, "/")
}
