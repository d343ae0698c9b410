// Package publish exports the hook `publish`. A component that imports it has the hook; the build does that for plugins
// that register one.
package publish

import (
	contract "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_publish"
	types "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_types"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/hooks"
)

func init() {
	hooks.Exported("publish")
}

// OnPublish calls the plugin's function; without one every event is forwarded.
func OnPublish(room string, event types.Event, origin contract.Origin) contract.Verdict {
	if handle := hooks.Plugin.Publish; handle != nil {
		return handle(room, event, origin)
	}
	return contract.MakeVerdictForward()
}
