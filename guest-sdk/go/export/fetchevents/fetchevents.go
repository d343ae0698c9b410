// Package fetchevents exports the hook `fetch-events`. A component that imports it has the hook; the build does that for
// plugins that register one of its functions.
package fetchevents

import (
	contract "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_fetch_events"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/hooks"
	wit "github.com/roomcast/roomcast/guest-sdk/go/internal/wit/types"
)

func init() {
	hooks.Exported("fetch-events")
}

// OnResponse calls the plugin's function.
func OnResponse(token string, status uint16, headers []wit.Tuple2[string, string]) {
	if handle := hooks.Plugin.Response; handle != nil {
		handle(token, status, headers)
	}
}

// OnChunk calls the plugin's function.
func OnChunk(token string, chunk []byte) {
	if handle := hooks.Plugin.Chunk; handle != nil {
		handle(token, chunk)
	}
}

// OnEnd calls the plugin's function.
func OnEnd(token string, outcome wit.Result[wit.Unit, contract.Failure]) {
	if handle := hooks.Plugin.End; handle != nil {
		handle(token, outcome)
	}
}
