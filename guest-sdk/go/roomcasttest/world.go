package roomcasttest

import (
	"slices"

	types "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_types"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/host"
	wit "github.com/roomcast/roomcast/guest-sdk/go/internal/wit/types"
)

const autoJoinRoom = "__all"

// world is the state of the fake hub.
type world struct {
	clients map[host.ID]*client
	rooms   map[string][]host.ID
	inboxes map[host.ID]*inbox
	// endings are the connections for whose end the hooks have not been called yet, in order.
	endings []ending
	opened  uint32
}

// client is a connection that is open, or for whose end the hooks have not been called yet.
type client struct {
	rooms  []string
	tag    wit.Option[string]
	ending bool
}

type ending struct {
	connection host.ID
	reason     types.DisconnectReason
	rooms      []string
}

// inbox is what a client has received and the test has not read.
type inbox struct {
	events   []types.Event
	comments []string
}

func newWorld() world {
	return world{clients: map[host.ID]*client{}, rooms: map[string][]host.ID{}, inboxes: map[host.ID]*inbox{}}
}

// open makes a new connection, in the auto-join room. Ids are the same in every run, and their first characters differ.
func (w *world) open() host.ID {
	w.opened++
	id := host.ID{High: uint64(w.opened*0x9e37_79b1)<<32 | 0x4000, Low: 0x8000 << 48}
	w.clients[id] = &client{tag: wit.None[string]()}
	w.join(id, autoJoinRoom)
	return id
}

// known returns a client that is open or ending.
func (w *world) known(id host.ID) (*client, refusal) {
	if client, ok := w.clients[id]; ok {
		return client, nil
	}
	return nil, noSuchConnection()
}

// openClient returns a client that is open.
func (w *world) openClient(id host.ID) (*client, refusal) {
	client, why := w.known(id)
	if why == nil && client.ending {
		return nil, closed()
	}
	return client, why
}

func (w *world) join(id host.ID, room string) refusal {
	client, why := w.openClient(id)
	switch {
	case why != nil:
		return why
	case slices.Contains(client.rooms, room):
		return nil
	case len(client.rooms) == maxRoomsPerConnection:
		return limit("limits.rooms_per_connection", "100 is reached: leave a room first")
	}
	client.rooms = append(client.rooms, room)
	w.rooms[room] = append(w.rooms[room], id)
	return nil
}

// leave removes a connection from a room, and reports whether it was a member.
func (w *world) leave(id host.ID, room string) (was bool, why refusal) {
	client, why := w.known(id)
	if why != nil {
		return false, why
	}
	at := slices.Index(client.rooms, room)
	if at < 0 {
		return false, nil
	}
	client.rooms = slices.Delete(client.rooms, at, at+1)
	members := w.rooms[room]
	at = slices.Index(members, id)
	members[at] = members[len(members)-1]
	w.rooms[room] = members[:len(members)-1]
	if len(w.rooms[room]) == 0 {
		delete(w.rooms, room)
	}
	return true, nil
}

// beginEnd begins a connection's end: it leaves its rooms and takes no more events.
func (w *world) beginEnd(id host.ID, reason types.DisconnectReason) refusal {
	client, why := w.openClient(id)
	if why != nil {
		return why
	}
	rooms := slices.Clone(client.rooms)
	for _, room := range rooms {
		w.leave(id, room)
	}
	client.ending = true
	w.endings = append(w.endings, ending{id, reason, rooms})
	return nil
}

// turnAway forgets a connection that was rejected: no hook is called for its end.
func (w *world) turnAway(id host.ID) {
	w.beginEnd(id, types.DisconnectReason_Rejected)
	w.endings = slices.DeleteFunc(w.endings, func(e ending) bool { return e.connection == id })
	delete(w.clients, id)
}

func (w *world) inbox(id host.ID) *inbox {
	if w.inboxes[id] == nil {
		w.inboxes[id] = &inbox{}
	}
	return w.inboxes[id]
}

// deliver sends an event to all receivers but one, and returns their number.
func (w *world) deliver(event types.Event, receivers []host.ID, except wit.Option[host.ID]) uint32 {
	var count uint32
	for _, id := range receivers {
		if except.IsSome() && except.Some() == id {
			continue
		}
		w.inbox(id).events = append(w.inbox(id).events, event)
		count++
	}
	return count
}
