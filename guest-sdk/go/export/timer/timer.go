// Package timer exports the hook `timer`. A component that imports it has the hook; the build does that for plugins
// that register one.
package timer

import (
	"github.com/roomcast/roomcast/guest-sdk/go/internal/hooks"
)

func init() {
	hooks.Exported("timer")
}

// OnTimer calls the plugin's function.
func OnTimer(token string) {
	if handle := hooks.Plugin.Timer; handle != nil {
		handle(token)
	}
}
