// Package message exports the hook `message`. A component that imports it has the hook; the build does that for plugins
// that register one.
package message

import (
	types "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_types"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/hooks"
	wit "github.com/roomcast/roomcast/guest-sdk/go/internal/wit/types"
)

func init() {
	hooks.Exported("message")
}

// pass asks the next plugin of the chain.
const pass = 100

// OnMessage calls the plugin's function; without one the next plugin of the chain is asked.
func OnMessage(connection wit.Option[string], request types.Request, body types.Body) wit.Result[types.Response, string] {
	handle := hooks.Plugin.Message
	if handle == nil {
		return wit.Ok[types.Response, string](types.Response{Status: pass, Body: types.MakeBodyText("")})
	}
	response, err := handle(connection, request, body)
	if err != nil {
		return wit.Err[types.Response](err.Error())
	}
	return wit.Ok[types.Response, string](response)
}
