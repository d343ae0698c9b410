//go:build !wasip1

package place

import "runtime/debug"

// module is the plugin's module: in its tests, the package main has that name.
var module = func() string {
	info, _ := debug.ReadBuildInfo()
	if info == nil {
		return ""
	}
	return info.Main.Path
}()
