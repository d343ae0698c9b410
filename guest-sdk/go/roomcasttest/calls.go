package roomcasttest

import (
	"math"
	"slices"
	"time"

	types "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_types"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/hooks"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/host"
	wit "github.com/roomcast/roomcast/guest-sdk/go/internal/wit/types"
)

// calls are the host's functions, apart from Hub, whose methods are for tests.
type calls struct{ hub *Hub }

type unit = host.Result[wit.Unit]

func (c calls) SendEvent(connection host.ID, event types.Event) unit {
	if why := checkEvent(event); why != nil {
		return result(wit.Unit{}, why)
	}
	_, why := c.hub.world.openClient(connection)
	if why == nil {
		c.hub.world.deliver(event, []host.ID{connection}, wit.None[host.ID]())
	}
	return result(wit.Unit{}, why)
}

func (c calls) SendComment(connection host.ID, text string) unit {
	if why := checkLine("text", text); why != nil {
		return result(wit.Unit{}, why)
	}
	_, why := c.hub.world.openClient(connection)
	if why == nil {
		inbox := c.hub.world.inbox(connection)
		inbox.comments = append(inbox.comments, text)
	}
	return result(wit.Unit{}, why)
}

func (c calls) Close(connection host.ID) unit {
	return result(wit.Unit{}, c.hub.world.beginEnd(connection, types.DisconnectReason_PluginClosed))
}

func (c calls) IsOpen(connection host.ID) bool {
	_, why := c.hub.world.openClient(connection)
	return why == nil
}

func (c calls) Join(connection host.ID, room string) unit {
	if why := checkRoom(room); why != nil {
		return result(wit.Unit{}, why)
	}
	return result(wit.Unit{}, c.hub.world.join(connection, room))
}

func (c calls) Leave(connection host.ID, room string) unit {
	_, why := c.hub.world.openClient(connection)
	if why = first(checkRoom(room), why); why == nil {
		_, why = c.hub.world.leave(connection, room)
	}
	return result(wit.Unit{}, why)
}

func (c calls) Broadcast(room string, event types.Event, except wit.Option[host.ID]) host.Result[uint32] {
	if why := first(checkRoom(room), checkEvent(event)); why != nil {
		return result(uint32(0), why)
	}
	return result(c.hub.world.deliver(event, c.hub.world.rooms[room], except))
}

func (c calls) BroadcastMany(rooms []string, event types.Event, except wit.Option[host.ID], duplicates uint8) host.Result[uint32] {
	if why := first(checkRooms(rooms), checkEvent(event)); why != nil {
		return result(uint32(0), why)
	}
	var receivers []host.ID
	seen := map[host.ID]bool{}
	for _, room := range rooms {
		for _, member := range c.hub.world.rooms[room] {
			if duplicates == 1 || !seen[member] {
				seen[member] = true
				receivers = append(receivers, member)
			}
		}
	}
	return result(c.hub.world.deliver(event, receivers, except))
}

// Members reads a room from its end, as the host does: a member that leaves is replaced by the last, which a page before has
// shown.
func (c calls) Members(room string, at wit.Option[uint64], limit uint32) host.Result[host.Page] {
	why := checkRoom(room)
	if why == nil && (limit == 0 || limit > maxPage) {
		why = invalid("limit", "is 1 to 1,000")
	}
	all := c.hub.world.rooms[room]
	end := int(min(at.SomeOr(math.MaxUint64), uint64(len(all))))
	begin := max(end-int(limit), 0)
	next := wit.None[uint64]()
	if begin > 0 {
		next = wit.Some(uint64(begin))
	}
	return result(host.Page{Members: slices.Clone(all[begin:end]), Total: uint32(len(all)), Next: next}, why)
}

func (c calls) Count(room string) host.Result[uint32] {
	return result(uint32(len(c.hub.world.rooms[room])), checkRoom(room))
}

func (c calls) RoomsOf(connection host.ID) host.Result[[]string] {
	client, why := c.hub.world.known(connection)
	if why != nil {
		return result[[]string](nil, why)
	}
	return result(slices.Clone(client.rooms))
}

func (c calls) Tag(connection host.ID) host.Result[wit.Option[string]] {
	client, why := c.hub.world.known(connection)
	if why != nil {
		return result(wit.None[string](), why)
	}
	return result(client.tag)
}

func (c calls) SetTag(connection host.ID, tag wit.Option[string]) unit {
	client, why := c.hub.world.openClient(connection)
	if why = first(checkTag(tag), why); why == nil {
		client.tag = tag
	}
	return result(wit.Unit{}, why)
}

func (c calls) SetTimer(delayMs uint32, repetition uint8, token string) host.Result[uint64] {
	var why refusal
	switch {
	case delayMs == 0:
		why = invalid("delay-ms", "is at least 1")
	case len(token) > maxText:
		why = invalid("token", "is at most 1 KiB long")
	case hooks.Plugin.Timer == nil:
		why = invalid("token", "the plugin does not export `timer`: register roomcast.OnTimer")
	case len(c.hub.clock.timers) == maxTimers:
		why = limit("limits.timers", "1,000 timers are set: cancel some, or let one do more")
	}
	if why != nil {
		return result(uint64(0), why)
	}
	return result(c.hub.clock.set(time.Duration(delayMs)*time.Millisecond, repetition == 1, token))
}

func (c calls) CancelTimer(timer uint64) bool {
	return c.hub.clock.cancel(timer)
}

func (c calls) StartFetch(request host.Fetch, token string) host.Result[uint64] {
	why := checkFetch(request, token)
	if why == nil && request.Connection.IsSome() {
		_, why = c.hub.world.openClient(request.Connection.Some())
	}
	if why == nil && hooks.Plugin.Response == nil && hooks.Plugin.Chunk == nil && hooks.Plugin.End == nil {
		why = invalid("token", "the plugin does not export `fetch-events`: register roomcast.OnFetchChunk, or another of these hooks")
	}
	if why == nil && len(c.hub.fetches) == maxFetches {
		why = limit("capabilities.http.streams", "1,000 fetches are in flight: wait until one ends, or cancel one")
	}
	if why != nil {
		return result(uint64(0), why)
	}
	return result(c.hub.beginFetch(request, token))
}

func (c calls) CancelFetch(id uint64) bool {
	return c.hub.dropFetch(func(one *fetch) bool { return one.id == id })
}

func (c calls) Now() time.Time {
	return c.hub.clock.time()
}

func (c calls) Log(level host.Level, _, message string) {
	c.hub.note(Record{Level(level), message})
}

func (c calls) Config(key string) wit.Result[wit.Option[string], string] {
	value, ok := c.hub.config[key]
	if !ok {
		return wit.Ok[wit.Option[string], string](wit.None[string]())
	}
	return wit.Ok[wit.Option[string], string](wit.Some(value))
}

func (c calls) ConfigAll() wit.Result[[]wit.Tuple2[string, string], string] {
	var pairs []wit.Tuple2[string, string]
	for key, value := range c.hub.config {
		pairs = append(pairs, wit.Tuple2[string, string]{F0: key, F1: value})
	}
	return wit.Ok[[]wit.Tuple2[string, string], string](pairs)
}

// first returns the first refusal, if there is one.
func first(refusals ...refusal) refusal {
	for _, why := range refusals {
		if why != nil {
			return why
		}
	}
	return nil
}
