// Package room exports the hook `room`. A component that imports it has the hook; the build does that for plugins that
// register one.
package room

import (
	"github.com/roomcast/roomcast/guest-sdk/go/internal/hooks"
	wit "github.com/roomcast/roomcast/guest-sdk/go/internal/wit/types"
)

func init() {
	hooks.Exported("room")
}

// OnJoin calls the plugin's function; without one every join is allowed.
func OnJoin(connection, room string) wit.Result[wit.Unit, string] {
	if handle := hooks.Plugin.Join; handle != nil {
		if err := handle(connection, room); err != nil {
			return wit.Err[wit.Unit](err.Error())
		}
	}
	return wit.Ok[wit.Unit, string](wit.Unit{})
}

// OnLeave calls the plugin's function.
func OnLeave(connection, room string) {
	if handle := hooks.Plugin.Leave; handle != nil {
		handle(connection, room)
	}
}
