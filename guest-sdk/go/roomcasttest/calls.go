package roomcasttest

import (
	"bytes"
	"maps"
	"math"
	"slices"
	"strconv"
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

func (c calls) StoreGet(key string) (wit.Option[[]byte], *host.StoreError) {
	value, ok := c.hub.store[key]
	if !ok {
		return wit.None[[]byte](), nil
	}
	return wit.Some(slices.Clone(value)), nil
}

func (c calls) StoreSet(key string, value []byte) *host.StoreError {
	if len(key) > maxKey {
		return &host.StoreError{Reason: "`capabilities.keyvalue.key_bytes`: a key has at most 1024 bytes"}
	}
	used := len(key) + len(value) + pairOverhead
	for other, kept := range c.hub.store {
		if other != key {
			used += len(other) + len(kept) + pairOverhead
		}
	}
	if used > quota {
		return &host.StoreError{Reason: "`capabilities.keyvalue.quota` = 10MiB: take something out first"}
	}
	c.hub.store[key] = slices.Clone(value)
	return nil
}

func (c calls) StoreDelete(key string) *host.StoreError {
	delete(c.hub.store, key)
	return nil
}

func (c calls) StoreExists(key string) (bool, *host.StoreError) {
	_, ok := c.hub.store[key]
	return ok, nil
}

func (c calls) StoreKeys(wit.Option[string]) ([]string, wit.Option[string], *host.StoreError) {
	return slices.Sorted(maps.Keys(c.hub.store)), wit.None[string](), nil
}

func (c calls) StoreIncrement(key string, delta int64) (int64, *host.StoreError) {
	var number int64
	if value, ok := c.hub.store[key]; ok {
		var err error
		if number, err = strconv.ParseInt(string(value), 10, 64); err != nil {
			return 0, &host.StoreError{Reason: "the value is no number in decimal"}
		}
	}
	sum := number + delta
	if (sum > number) != (delta > 0) && delta != 0 {
		return 0, &host.StoreError{Reason: "the sum is beyond 64 bits"}
	}
	return sum, c.StoreSet(key, strconv.AppendInt(nil, sum, 10))
}

func (c calls) StoreGetMany(keys []string) ([]wit.Option[host.Pair], *host.StoreError) {
	if why := checkMany(len(keys)); why != nil {
		return nil, why
	}
	var found []wit.Option[host.Pair]
	for _, key := range keys {
		pair := wit.None[host.Pair]()
		if value, ok := c.hub.store[key]; ok {
			pair = wit.Some(host.Pair{F0: key, F1: slices.Clone(value)})
		}
		found = append(found, pair)
	}
	return found, nil
}

func (c calls) StoreSetMany(pairs []host.Pair) *host.StoreError {
	why := checkMany(len(pairs))
	for _, pair := range pairs {
		if why == nil {
			why = c.StoreSet(pair.F0, pair.F1)
		}
	}
	return why
}

func (c calls) StoreDeleteMany(keys []string) *host.StoreError {
	why := checkMany(len(keys))
	for _, key := range keys {
		if why == nil {
			why = c.StoreDelete(key)
		}
	}
	return why
}

func (c calls) StoreUpdate(key string, change host.Change) (*host.StoreError, error) {
	for {
		seen, _ := c.StoreGet(key)
		value, err := change(seen)
		if err != nil {
			return nil, err
		}
		if now, _ := c.StoreGet(key); now.IsSome() == seen.IsSome() && bytes.Equal(now.SomeOr(nil), seen.SomeOr(nil)) {
			return c.StoreSet(key, value), nil
		}
	}
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
