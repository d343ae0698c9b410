package roomcast

import (
	"math"

	types "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_types"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/host"
	wit "github.com/roomcast/roomcast/guest-sdk/go/internal/wit/types"
)

// Broadcast sends an event to every member of a room. All members see one order. It answers the number of receivers; 0
// for a room that does not exist.
func Broadcast(room string, e Event) (receivers int, err error) {
	return BroadcastExcept(room, e, "")
}

// BroadcastExcept is [Broadcast] to all members but one.
func BroadcastExcept(room string, e Event, except Connection) (receivers int, err error) {
	if e.err != nil {
		return 0, e.err
	}
	return number(host.Broadcast(room, e.lower(), optional(except)))
}

// Duplicates is what to do with a connection that is in several of the rooms of [BroadcastMany].
type Duplicates uint8

const (
	// DropDuplicates gives it the event once.
	DropDuplicates Duplicates = iota
	// KeepDuplicates gives it the event once for each room that it is in.
	KeepDuplicates
)

// BroadcastMany sends an event to every member of several rooms (at most 1,000), except one if that is not empty. It
// answers the number of deliveries.
func BroadcastMany(rooms []string, e Event, except Connection, duplicates Duplicates) (deliveries int, err error) {
	if e.err != nil {
		return 0, e.err
	}
	return number(host.BroadcastMany(rooms, e.lower(), optional(except), uint8(duplicates)))
}

// Members are some members of a room, at most limit (and that at most 1,000), after the first offset ones; their order
// changes when one leaves. The total is how many the room has in all: 0 for a room that does not exist.
func Members(room string, offset, limit int) (members []Connection, total int, err error) {
	if offset < 0 || offset > math.MaxUint32 {
		return nil, 0, invalid("page.offset", "is 0 to 4,294,967,295")
	}
	if limit < 0 || limit > math.MaxUint32 {
		return nil, 0, invalid("page.limit", "is 0 to 1,000")
	}
	page, err := answer(host.Members(room, uint32(offset), uint32(limit)))
	if err != nil {
		return nil, 0, err
	}
	members = make([]Connection, len(page.Members))
	for i, id := range page.Members {
		members[i] = Connection(id)
	}
	return members, int(page.Total), nil
}

// Count is how many members a room has.
func Count(room string) (members int, err error) {
	return number(host.Count(room))
}

func number(result wit.Result[uint32, types.Error]) (int, error) {
	count, err := answer(result)
	return int(count), err
}

func optional(connection Connection) wit.Option[string] {
	if connection == "" {
		return wit.None[string]()
	}
	return wit.Some(string(connection))
}
