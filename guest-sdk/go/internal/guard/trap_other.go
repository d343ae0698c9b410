//go:build !wasip1

package guard

// trap is for components only.
func trap() {
	panic("hooks are exported by components only")
}
