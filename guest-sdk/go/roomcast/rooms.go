package roomcast

import (
	"iter"
	"math"

	types "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_types"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/host"
	wit "github.com/roomcast/roomcast/guest-sdk/go/internal/wit/types"
)

// Broadcast sends an event to every member of a room. All members see one order. It returns the number of receivers; 0
// if the room does not exist.
func Broadcast(room string, e Event) (receivers int, err error) {
	return BroadcastExcept(room, e, Connection{})
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

// BroadcastMany sends an event to every member of several rooms (at most 1,000), except one if that is not zero. It returns
// the number of deliveries.
func BroadcastMany(rooms []string, e Event, except Connection, duplicates Duplicates) (deliveries int, err error) {
	if e.err != nil {
		return 0, e.err
	}
	return number(host.BroadcastMany(rooms, e.lower(), optional(except), uint8(duplicates)))
}

// Cursor is a place in a list of members.
type Cursor uint64

// MemberPage is one page of a room's members.
type MemberPage struct {
	// Members are in no particular order.
	Members []Connection
	// Total is the number of members in the room; 0 for a room that does not exist.
	Total int
	// Next is where the next page begins; nil after the last.
	Next *Cursor
}

// Members returns the members of a room, page by page, at most limit (1 to 1,000) each. The first page has no cursor: nil. A
// member that stays in the room from the first page to the last is never left out; it may appear twice if others leave between
// two pages. [AllMembers] reads all pages.
func Members(room string, at *Cursor, limit int) (MemberPage, error) {
	if limit < 1 || limit > math.MaxUint32 {
		return MemberPage{}, invalid("limit", "is 1 to 1,000")
	}
	from := wit.None[uint64]()
	if at != nil {
		from = wit.Some(uint64(*at))
	}
	found, err := answer(host.Members(room, from, uint32(limit)))
	if err != nil {
		return MemberPage{}, err
	}
	page := MemberPage{Members: make([]Connection, len(found.Members)), Total: int(found.Total)}
	for i, id := range found.Members {
		page.Members[i] = Connection(id)
	}
	if found.Next.IsSome() {
		page.Next = new(Cursor(found.Next.Some()))
	}
	return page, nil
}

// AllMembers returns all members of a room, each once. It reads page by page; the loop ends with an error if a page cannot be
// read.
func AllMembers(room string) iter.Seq2[Connection, error] {
	return func(yield func(Connection, error) bool) {
		seen := map[Connection]bool{}
		for at, more := (*Cursor)(nil), true; more; more = at != nil {
			page, err := Members(room, at, maxPage)
			if err != nil {
				yield(Connection{}, err)
				return
			}
			at = page.Next
			for _, member := range page.Members {
				if seen[member] {
					continue
				}
				seen[member] = true
				if !yield(member, nil) {
					return
				}
			}
		}
	}
}

// maxPage is the longest page.
const maxPage = 1_000

// Count returns the number of members in a room.
func Count(room string) (members int, err error) {
	return number(host.Count(room))
}

func number(result wit.Result[uint32, types.Error]) (int, error) {
	count, err := answer(result)
	return int(count), err
}

func optional(connection Connection) wit.Option[host.ID] {
	if connection.IsZero() {
		return wit.None[host.ID]()
	}
	return wit.Some(host.ID(connection))
}
