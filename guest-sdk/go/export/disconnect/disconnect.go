// Package disconnect exports the hook `disconnect`. A component that imports it has the hook; the build does that for
// plugins that register one.
package disconnect

import (
	types "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_types"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/hooks"
)

func init() {
	hooks.Exported("disconnect")
}

// OnDisconnect calls the plugin's function.
func OnDisconnect(connection types.ConnectionId, reason types.DisconnectReason) {
	if handle := hooks.Plugin.Disconnect; handle != nil {
		handle(connection, reason)
	}
}
