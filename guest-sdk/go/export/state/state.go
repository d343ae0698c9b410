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

// Save calls the plugin's function.
func Save() wit.Result[[]uint8, string] {
	state, err := save()
	if err != nil {
		return wit.Err[[]uint8](err.Error())
	}
	return wit.Ok[[]uint8, string](state)
}

func save() (state []byte, err error) {
	defer guard.Catch("OnSave", &err)
	if handle := hooks.Plugin.Save; handle != nil {
		state, err = handle()
	}
	return state, err
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
