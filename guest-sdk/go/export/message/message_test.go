package message

import (
	"testing"

	contract "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_message"
	types "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_types"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/hooks"
	wit "github.com/roomcast/roomcast/guest-sdk/go/internal/wit/types"
)

// borrowed counts how often it is given back.
type borrowed struct {
	hooks.Request
	drops int
}

func (b *borrowed) Drop() {
	b.drops++
}

func TestTheRequestIsGivenBack(t *testing.T) {
	defer func() { hooks.Plugin = hooks.Set{} }()
	request := &borrowed{}
	none := wit.None[types.ConnectionId]()
	if reply := OnMessage(none, request, nil); reply.IsErr() || reply.Ok().Tag() != contract.Reply_Pass || request.drops != 1 {
		t.Errorf("without the hook: %v, dropped %d times", reply, request.drops)
	}
	hooks.Plugin.Message = func(wit.Option[types.ConnectionId], hooks.Request, []byte) (contract.Reply, *types.Rejection) {
		return contract.Reply{}, &types.Rejection{Status: 400}
	}
	if reply := OnMessage(none, request, nil); !reply.IsErr() || request.drops != 2 {
		t.Errorf("rejected: %v, dropped %d times", reply, request.drops)
	}
}
