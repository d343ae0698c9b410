// Package message exports the hook `message`. A component that imports it has the hook; the build does that for plugins
// that register one.
package message

import (
	contract "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_message"
	types "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_types"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/hooks"
	wit "github.com/roomcast/roomcast/guest-sdk/go/internal/wit/types"
)

func init() {
	hooks.Exported("message")
}

// OnMessage calls the plugin's function; without one the next plugin of the chain is asked.
func OnMessage(connection wit.Option[types.ConnectionId], request hooks.Borrowed, body []byte) wit.Result[contract.Reply, types.Rejection] {
	defer request.Drop()
	handle := hooks.Plugin.Message
	if handle == nil {
		return wit.Ok[contract.Reply, types.Rejection](contract.MakeReplyPass())
	}
	reply, rejection := handle(connection, request, body)
	if rejection != nil {
		return wit.Err[contract.Reply](*rejection)
	}
	return wit.Ok[contract.Reply, types.Rejection](reply)
}
