//go:build wasip1

package guard

// trap ends the instance, as a panic does in other languages. After os.Exit the host would instead report that the program
// exited.
func trap()
