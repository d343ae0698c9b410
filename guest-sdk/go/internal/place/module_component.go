//go:build wasip1

package place

// module is not needed: the plugin is the package main.
const module = ""
