// Package place says where in the plugin's own code something has happened.
package place

import (
	"fmt"
	"runtime"
	"strings"
)

// Stack is a stack of calls.
type Stack []uintptr

// Here returns the stack of its caller.
func Here() Stack {
	counters := make(Stack, 64)
	return counters[:runtime.Callers(2, counters)]
}

// String returns the frames of the plugin's own code, innermost first: ", in main.f (main.go:4), called from ...".
func (s Stack) String() string {
	var text strings.Builder
	frames := runtime.CallersFrames(s)
	for separator, more := ", in ", len(s) > 0; more; {
		var frame runtime.Frame
		frame, more = frames.Next()
		if own(frame) {
			fmt.Fprintf(&text, "%s%s (%s:%d)", separator, frame.Function, frame.File, frame.Line)
			separator = ", called from "
		}
	}
	return text.String()
}

// own reports whether a function belongs to the plugin or a module that it uses, not to the standard library (whose import
// paths begin with a word without a dot) or to this SDK, apart from its tests.
func own(frame runtime.Frame) bool {
	first, _, path := strings.Cut(frame.Function, "/")
	sdk := strings.HasPrefix(frame.Function, "github.com/roomcast/roomcast/guest-sdk/go/") && !strings.HasSuffix(frame.File, "_test.go")
	main := strings.HasPrefix(frame.Function, "main.") || module != "" && strings.HasPrefix(frame.Function, module+".")
	return main || path && strings.Contains(first, ".") && !sdk
}
