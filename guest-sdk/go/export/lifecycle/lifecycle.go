// Package lifecycle exports the hook `lifecycle`. A component that imports it has the hook; the build does that for
// every plugin.
package lifecycle

import (
	"github.com/roomcast/roomcast/guest-sdk/go/internal/guard"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/hooks"
	wit "github.com/roomcast/roomcast/guest-sdk/go/internal/wit/types"
)

// Main is the plugin's own main, which registers its hooks. The generated file of a component sets it.
var Main func()

// Init starts the plugin.
func Init() wit.Result[wit.Unit, string] {
	if err := start(); err != nil {
		return wit.Err[wit.Unit](err.Error())
	}
	return wit.Ok[wit.Unit, string](wit.Unit{})
}

func start() error {
	if err := register(); err != nil {
		return err
	}
	if err := hooks.CheckExports(); err != nil {
		return err
	}
	return initialise()
}

func register() (err error) {
	defer guard.Catch("main", &err)
	return hooks.Start(Main)
}

func initialise() (err error) {
	defer guard.Catch("OnInit", &err)
	if init := hooks.Plugin.Init; init != nil {
		err = init()
	}
	return err
}
