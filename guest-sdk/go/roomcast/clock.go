package roomcast

import (
	"time"

	"github.com/roomcast/roomcast/guest-sdk/go/internal/host"
)

// Now returns the time: [time.Now] in the server, the time of the hub in a test, where it moves only when the test says so.
func Now() time.Time {
	return host.Now()
}
