// Package hooks holds what a plugin has registered, in the shapes of the contract, between the package roomcast that
// fills it and the exports that call it.
package hooks

import (
	"errors"
	"fmt"

	fetch "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_fetch_events"
	publish "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_publish"
	types "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_types"
	wit "github.com/roomcast/roomcast/guest-sdk/go/internal/wit/types"
)

// Set is what one plugin has registered. What it has not is nil.
type Set struct {
	Init       func() error
	Connect    func(connection string, request types.Request) *types.Rejection
	Disconnect func(connection string, reason types.DisconnectReason)
	Join       func(connection, room string) error
	Leave      func(connection, room string)
	Publish    func(room string, event types.Event, origin publish.Origin) publish.Verdict
	Message    func(connection wit.Option[string], request types.Request, body types.Body) (types.Response, error)
	Timer      func(token string)
	Response   func(token string, status uint16, headers []wit.Tuple2[string, string])
	Chunk      func(token string, chunk types.Body)
	End        func(token string, outcome wit.Result[wit.Unit, fetch.Failure])
	Save       func() ([]byte, error)
	Restore    func(state []byte) error

	// registered are the hooks by the names of the functions that have registered them, in their order.
	registered []registration
}

type registration struct{ by, hook string }

// Plugin is the plugin of this component, or of the test that runs.
var Plugin Set

// exported are the hooks of the contract that this component was built with; each has a lifecycle.
var exported = map[string]bool{"lifecycle": true}

// Register notes that the function `by` of package roomcast has been called. It panics at the second time: a plugin
// has one function for a hook.
func Register(by, hook string) {
	for _, one := range Plugin.registered {
		if one.by == by {
			panic(fmt.Sprintf("roomcast.%s is called twice: a plugin has one function for a hook", by))
		}
	}
	Plugin.registered = append(Plugin.registered, registration{by, hook})
}

// Exported notes that the component exports a hook of the contract.
func Exported(hook string) {
	exported[hook] = true
}

// CheckExports tells whether a component was built with the hooks that its plugin registers.
func CheckExports() error {
	for _, one := range Plugin.registered {
		if !exported[one.hook] {
			return fmt.Errorf("the plugin registers roomcast.%s, but was built without the hook `%s`: "+
				"write the call as roomcast.%s(...) in a file of the plugin, and build it again", one.by, one.hook, one.by)
		}
	}
	return nil
}

// Start has main register its hooks, and runs those for the start.
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
