// Package connect exports the hook `connect`. A component that imports it has the hook; the build does that for plugins
// that register one.
package connect

import (
	types "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_types"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/hooks"
	wit "github.com/roomcast/roomcast/guest-sdk/go/internal/wit/types"
)

func init() {
	hooks.Exported("connect")
}

// OnConnect calls the plugin's function; without one every client is accepted.
func OnConnect(connection types.ConnectionId, request hooks.Borrowed) wit.Result[wit.Unit, types.Rejection] {
	defer request.Drop()
	if handle := hooks.Plugin.Connect; handle != nil {
		if rejection := handle(connection, request); rejection != nil {
			return wit.Err[wit.Unit](*rejection)
		}
	}
	return wit.Ok[wit.Unit, types.Rejection](wit.Unit{})
}
