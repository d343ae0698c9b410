// Package state exports the hook `state`. A component that imports it has the hook; the build does that for plugins
// that register one.
package state

import (
	"github.com/roomcast/roomcast/guest-sdk/go/internal/guard"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/hooks"
	wit "github.com/roomcast/roomcast/guest-sdk/go/internal/wit/types"
)

func init() {
	hooks.Exported("state")
}

// Save calls the plugin's function. The contract has no answer for an error, so that ends the instance.
func Save() []uint8 {
	defer guard.Fatal("OnSave")
	handle := hooks.Plugin.Save
	if handle == nil {
		return nil
	}
	state, err := handle()
	if err != nil {
		guard.End("OnSave", err)
	}
	return state
}

// Restore calls the plugin's function.
func Restore(state []uint8) wit.Result[wit.Unit, string] {
	if err := restore(state); err != nil {
		return wit.Err[wit.Unit](err.Error())
	}
	return wit.Ok[wit.Unit, string](wit.Unit{})
}

func restore(state []byte) (err error) {
	defer guard.Catch("OnRestore", &err)
	if handle := hooks.Plugin.Restore; handle != nil {
		err = handle(state)
	}
	return err
}
