//go:build wasip1

package guard

// trap ends the instance, as a panic of other languages does. It is not os.Exit, after which the host would speak of a
// program that exited.
func trap()
