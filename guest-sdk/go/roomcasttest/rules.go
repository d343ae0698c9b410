package roomcasttest

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode"

	types "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_types"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/host"
	wit "github.com/roomcast/roomcast/guest-sdk/go/internal/wit/types"
)

// The host's default limits.
const (
	maxEventID            = 1 << 10
	maxEventType          = 256
	maxEvent              = 256 << 10
	minRetryMs            = 500
	maxRoomName           = 256
	maxRoomsAtOnce        = 1_000
	maxPage               = 1_000
	maxRoomsPerConnection = 100
	maxText               = 1 << 10
	maxTimers             = 1_000
	maxKey                = 1 << 10
	maxKeysAtOnce         = 1_000
	maxFetches            = 1_000
	quota                 = 10 << 20
	// pairOverhead is the size of a pair of the store, in addition to its bytes.
	pairOverhead = 128
)

// refusal is why a call is refused, or nil.
type refusal = *types.Error

func invalid(argument, reason string) refusal {
	why := types.MakeErrorInvalidArgument(types.Invalid{Argument: argument, Reason: reason})
	return &why
}

func limit(key, reason string) refusal {
	why := types.MakeErrorLimitExceeded(types.Limit{Key: key, Reason: reason})
	return &why
}

func noSuchConnection() refusal {
	why := types.MakeErrorNoSuchConnection()
	return &why
}

func closed() refusal {
	why := types.MakeErrorClosed()
	return &why
}

// result is the result of a call: a value, or the first refusal.
func result[T any](value T, refusals ...refusal) wit.Result[T, types.Error] {
	for _, why := range refusals {
		if why != nil {
			return wit.Err[T](*why)
		}
	}
	return wit.Ok[T, types.Error](value)
}

func checkRoom(name string) refusal {
	switch {
	case name == "":
		return invalid("room", "must not be empty")
	case len(name) > maxRoomName:
		return invalid("room", "is at most 256 bytes long")
	case strings.ContainsFunc(name, unicode.IsControl):
		return invalid("room", "must not contain control characters")
	}
	return nil
}

func checkRooms(names []string) refusal {
	if len(names) > maxRoomsAtOnce {
		return invalid("rooms", fmt.Sprintf("%d rooms at once are more than %d", len(names), maxRoomsAtOnce))
	}
	for _, name := range names {
		if why := checkRoom(name); why != nil {
			return why
		}
	}
	return nil
}

func checkEvent(event types.Event) refusal {
	id := event.Id.SomeOr("")
	if len(id) > maxEventID || strings.ContainsFunc(id, unicode.IsControl) {
		return invalid("event.id", "is at most 1 KiB long, without control characters")
	}
	if why := checkLine("event.event", event.Event.SomeOr("")); why != nil {
		return why
	}
	if len(event.Event.SomeOr("")) > maxEventType {
		return invalid("event.event", "is at most 256 bytes long")
	}
	if event.RetryMs.SomeOr(minRetryMs) < minRetryMs {
		return invalid("event.retry_ms", "is at least 500: browsers keep it for good")
	}
	if len(event.Data) > maxEvent {
		return limit("limits.event_bytes", "an event takes at most 256 KiB: send less, or a link to it")
	}
	return nil
}

func checkMany(count int) *host.StoreError {
	if count > maxKeysAtOnce {
		return &host.StoreError{Reason: fmt.Sprintf("%d keys at once are more than %d", count, maxKeysAtOnce)}
	}
	return nil
}

// checkLine keeps line breaks out: one in a field would let its author forge other fields.
func checkLine(argument, text string) refusal {
	if strings.ContainsAny(text, "\r\n\x00") {
		return invalid(argument, "must not contain CR, LF or NUL")
	}
	return nil
}

func checkTag(tag wit.Option[string]) refusal {
	if len(tag.SomeOr("")) > maxText {
		return limit("limits.tag_bytes", "a tag is at most 1 KiB long: keep the rest in the plugin")
	}
	return nil
}

// governing are the headers that the host controls.
var governing = []string{"connection", "content-length", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}

// checkFetch assumes that every destination is granted.
func checkFetch(request host.Fetch, token string) refusal {
	address, err := url.Parse(request.URL)
	switch {
	case len(token) > maxText:
		return invalid("token", "is at most 1 KiB long")
	case err != nil || address.Host == "" || address.Scheme != "http" && address.Scheme != "https":
		return invalid("request.url", fmt.Sprintf("%q is no address: it begins with http:// or https://", request.URL))
	}
	for _, header := range request.Headers {
		if header.F0 == "host" || slices.Contains(governing, header.F0) {
			return invalid("request.headers", "the host sets "+header.F0)
		}
		if why := checkLine("request.headers", header.F0+header.F1); why != nil {
			return why
		}
	}
	return nil
}

// isRefusal reports whether a rejection may have this status.
func isRefusal(status uint16) bool {
	return status >= 400 && status < 600
}

// checkAnswer fails the test for an answer that the host would not send: that is a fault of the plugin.
func checkAnswer(t testing.TB, hook string, sound bool, status uint16, headers []wit.Tuple2[string, string]) {
	t.Helper()
	if !sound {
		t.Fatalf("%s answered with status %d, which the contract does not allow", hook, status)
	}
	for _, header := range headers {
		closes := strings.EqualFold(header.F0, "connection") && strings.EqualFold(header.F1, "close")
		if !closes && slices.Contains(governing, strings.ToLower(header.F0)) {
			t.Fatalf("%s: the host controls header %s", hook, header.F0)
		}
		if checkLine("", header.F1) != nil {
			t.Fatalf("%s: the value of header %s contains CR, LF or NUL", hook, header.F0)
		}
	}
}
