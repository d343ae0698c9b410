// Package hooks holds a plugin's registered hooks with the contract's types. Package roomcast fills it; the exports call it.
package hooks

import (
	"errors"
	"fmt"

	fetch "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_fetch_events"
	message "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_message"
	publish "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_publish"
	types "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_types"
	wit "github.com/roomcast/roomcast/guest-sdk/go/internal/wit/types"
)

// Request is the head of a request, which the host lends for the time of a call.
type Request interface {
	Method() string
	Path() string
	Query() wit.Option[string]
	Header(name string) wit.Option[string]
	Headers() []wit.Tuple2[string, string]
	Peer() string
	LastEventId() wit.Option[string]
}

// Borrowed is a request that the call has to give back before it returns.
type Borrowed interface {
	Request
	Drop()
}

// Set holds the registered hooks of one plugin; the others are nil.
type Set struct {
	Init       func() error
	Connect    func(connection types.ConnectionId, request Request) *types.Rejection
	Disconnect func(connection types.ConnectionId, reason types.DisconnectReason)
	Join       func(connection types.ConnectionId, room string) *types.Rejection
	Leave      func(connection types.ConnectionId, room string)
	Publish    func(room string, event types.Event, origin publish.Origin) publish.Verdict
	Message    func(connection wit.Option[types.ConnectionId], request Request, body []byte) (message.Reply, *types.Rejection)
	Timer      func(token string)
	Response   func(token string, status uint16, headers []wit.Tuple2[string, string])
	Chunk      func(token string, chunk []byte)
	End        func(token string, outcome wit.Result[wit.Unit, fetch.Failure])
	Save       func() ([]byte, error)
	Restore    func(state []byte) error

	// registered lists the functions that registered hooks, in order.
	registered []registration
}

type registration struct{ by, hook string }

// Plugin is the plugin of this component, or of the running test.
var Plugin Set

// exported lists the hooks of the contract that this component was built with, always including lifecycle.
var exported = map[string]bool{"lifecycle": true}

// Register records a call of the function `by` of package roomcast. It panics if called twice: a plugin has one function
// per hook.
func Register(by, hook string) {
	for _, one := range Plugin.registered {
		if one.by == by {
			panic(fmt.Sprintf("roomcast.%s is called twice: a plugin has one function per hook", by))
		}
	}
	Plugin.registered = append(Plugin.registered, registration{by, hook})
}

// Exported records that the component exports a hook of the contract.
func Exported(hook string) {
	exported[hook] = true
}

// CheckExports returns an error if the plugin registers a hook that its component was built without.
func CheckExports() error {
	for _, one := range Plugin.registered {
		if !exported[one.hook] {
			return fmt.Errorf("the plugin registers roomcast.%s, but was built without the hook `%s`: "+
				"write the call as roomcast.%s(...) in a file of the plugin, and build it again", one.by, one.hook, one.by)
		}
	}
	return nil
}

// Start runs main, which registers the hooks, and then OnInit.
func Start(main func()) error {
	Plugin = Set{}
	main()
	if len(Plugin.registered) == 0 {
		return errors.New("main registers no hook: call roomcast.OnConnect, or another function whose name begins with On")
	}
	if (Plugin.Save == nil) != (Plugin.Restore == nil) {
		return errors.New("roomcast.OnSave and roomcast.OnRestore go together: register both, or none")
	}
	return nil
}
