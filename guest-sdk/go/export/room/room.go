// Package room exports the hook `room`. A component that imports it has the hook; the build does that for plugins that
// register one.
package room

import (
	types "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_types"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/hooks"
	wit "github.com/roomcast/roomcast/guest-sdk/go/internal/wit/types"
)

func init() {
	hooks.Exported("room")
}

// OnJoin calls the plugin's function; without one every join is allowed.
func OnJoin(connection types.ConnectionId, room string) wit.Result[wit.Unit, types.Rejection] {
	if handle := hooks.Plugin.Join; handle != nil {
		if rejection := handle(connection, room); rejection != nil {
			return wit.Err[wit.Unit](*rejection)
		}
	}
	return wit.Ok[wit.Unit, types.Rejection](wit.Unit{})
}

// OnLeave calls the plugin's function.
func OnLeave(connection types.ConnectionId, room string) {
	if handle := hooks.Plugin.Leave; handle != nil {
		handle(connection, room)
	}
}
