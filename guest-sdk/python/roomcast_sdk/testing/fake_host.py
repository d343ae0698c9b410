"""The host's functions on the fake hub: validate, act, answer."""

from __future__ import annotations

from collections.abc import Iterable

from .. import fetch
from .._messages import Page
from ..errors import InvalidArgument, LimitExceeded, NotPermitted, StoreError
from ..event import Event
from ..http import Answer, Outgoing
from ..hub import Duplicates
from ..reason import DisconnectReason
from . import rules
from .world import Record, World

_MAX_KEY = 1 << 10
_QUOTA = 10 << 20
# What a pair takes beside its bytes.
_PAIR = 128


class FakeHost:
    """A `Host` on a `World`."""

    def __init__(self, world: World) -> None:
        self._world = world

    def send_event(self, connection: str, event: Event) -> None:
        rules.event(event)
        self._world.open_client(connection)
        self._world.inbox(connection).events.append(event)

    def send_comment(self, connection: str, text: str) -> None:
        rules.one_line("text", text)
        self._world.open_client(connection)
        self._world.inbox(connection).comments.append(text)

    def close(self, connection: str) -> None:
        self._world.begin_end(connection, DisconnectReason.PLUGIN_CLOSED)

    def is_open(self, connection: str) -> bool:
        return self._world.is_open(connection)

    def join(self, connection: str, room: str) -> None:
        rules.room(room)
        self._world.join(connection, room)

    def leave(self, connection: str, room: str) -> None:
        rules.room(room)
        self._world.open_client(connection)
        self._world.leave(connection, room)

    def broadcast(self, room: str, event: Event, exclude: str | None) -> int:
        rules.room(room)
        rules.event(event)
        receivers = [member for member in self._world.members(room) if member != exclude]
        return self._world.broadcast([room], event, receivers)

    def broadcast_many(self, rooms: list[str], event: Event, exclude: str | None, duplicates: Duplicates) -> int:
        rules.rooms(rooms)
        rules.event(event)
        found: Iterable[str] = (member for room in rooms for member in self._world.members(room) if member != exclude)
        if duplicates is Duplicates.DROP:
            found = dict.fromkeys(found)
        return self._world.broadcast(rooms, event, list(found))

    def members(self, room: str, at: int | None, limit: int) -> Page:
        rules.room(room)
        rules.page(limit)
        all_members = self._world.members(room)
        # From the end, as the host does it, so that no member that stays is left out when others leave.
        end = len(all_members) if at is None else min(at, len(all_members))
        begin = max(end - limit, 0)
        return all_members[begin:end], len(all_members), begin or None

    def count(self, room: str) -> int:
        rules.room(room)
        return len(self._world.members(room))

    def rooms_of(self, connection: str) -> list[str]:
        return list(self._world.known(connection).rooms)

    def tag(self, connection: str) -> str | None:
        return self._world.known(connection).tag

    def set_tag(self, connection: str, tag: str | None) -> None:
        rules.tag(tag)
        self._world.open_client(connection).tag = tag

    def set_timer(self, delay_ms: int, repeat: bool, token: str) -> int:
        if delay_ms == 0:
            raise InvalidArgument("delay-ms", "is at least 1")
        if len(token.encode()) > rules.MAX_TEXT:
            raise InvalidArgument("token", "is at most 1 KiB long")
        if "on_timer" not in self._world.hooks:
            raise InvalidArgument(
                "token", "the plugin does not export `timer`: it needs a function with @plugin.on_timer"
            )
        if len(self._world.clock.timers) == rules.MAX_TIMERS:
            raise LimitExceeded("limits.timers", "1,000 timers are set: cancel some, or let one do more")
        return self._world.clock.set(delay_ms, repeat, token)

    def cancel_timer(self, timer: int) -> bool:
        return self._world.clock.cancel(timer)

    def start_fetch(self, request: fetch.Outgoing, token: str) -> int:
        if not self._world.hooks & {"on_response", "on_chunk", "on_end"}:
            what = (
                "the plugin does not export `fetch-events`: it needs a function with @plugin.on_chunk or @plugin.on_end"
            )
            raise InvalidArgument("token", what)
        if len(token.encode()) > rules.MAX_TEXT:
            raise InvalidArgument("token", "is at most 1 KiB long")
        rules.outgoing(request)
        if request.connection is not None:
            self._world.open_client(request.connection)
        if len(self._world.fetches.all()) == rules.MAX_FETCHES:
            raise LimitExceeded("capabilities.http.streams", "1,000 fetches are in flight: wait until one ends")
        return self._world.fetches.start(request, token)

    def cancel_fetch(self, id: int) -> bool:
        return self._world.fetches.cancel(id)

    def log(self, level: int, context: str, message: str) -> None:
        self._world.records.append(Record(level, context, message))

    def http(self, request: Outgoing) -> Answer:
        if self._world.servers is None:
            raise NotPermitted("capabilities.http")
        return self._world.servers(request)

    def config(self, key: str) -> str | None:
        return self._world.config.get(key)

    def config_all(self) -> list[tuple[str, str]]:
        return list(self._world.config.items())

    def store_get(self, key: str) -> bytes | None:
        return self._world.pairs.get(key)

    def store_set(self, key: str, value: bytes) -> None:
        if len(key.encode()) > _MAX_KEY:
            raise StoreError("`capabilities.keyvalue.key_bytes`: a key has at most 1024 bytes")
        others = (len(name.encode()) + len(kept) + _PAIR for name, kept in self._world.pairs.items() if name != key)
        if sum(others) + len(key.encode()) + len(value) + _PAIR > _QUOTA:
            raise StoreError("`capabilities.keyvalue.quota` = 10MiB: take something out first")
        self._world.pairs[key] = value

    def store_delete(self, key: str) -> None:
        self._world.pairs.pop(key, None)

    def store_exists(self, key: str) -> bool:
        return key in self._world.pairs

    def store_keys(self) -> list[str]:
        return sorted(self._world.pairs)

    def store_increment(self, key: str, delta: int) -> int:
        try:
            total = int(self._world.pairs.get(key, b"0")) + delta
        except ValueError:
            raise StoreError("the value is no number in decimal") from None
        if not -(2**63) <= total < 2**63:
            raise StoreError("the sum is beyond 64 bits")
        self.store_set(key, str(total).encode())
        return total
