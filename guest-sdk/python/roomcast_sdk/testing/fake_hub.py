"""Driving a plugin: what clients, publishers, operators and time do to it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from types import ModuleType, TracebackType
from typing import TypeVar

from .. import _dispatch, _host, _state, hooks, log
from .._check import milliseconds
from ..connection import Connection, id_of
from ..errors import Rejection
from ..event import Event, as_event
from ..fetched import Failure, FailureKind, ResponseHead
from ..http import Answer, Outgoing
from ..message import Body, Pass, Response
from ..reason import DisconnectReason, Origin
from ..request import Request
from . import rules, standstill
from .fake_host import FakeHost
from .fetches import StartedFetch
from .instance import Instance
from .world import Broadcast, Record, World

T = TypeVar("T")


class FakeHub:
    """A plugin, and the fake hub that it runs on.

    `plugin` is its module (`"plugin"`), or the path of its file. There is one hub at a time; use it with `with`, or
    `close` it. The functions of this package (`hub`, `Connection`, `timers` ...) work in the test itself too, on the same
    hub. Time begins at 2026-01-01T00:00:00Z and stands still until `advance`, for `clock` and for the functions of the
    module `time`. An exception that a hook does not catch has the same effect as on the server: status 500 and a record
    in `logs`, unless the plugin's `on_error` raises it.
    """

    def __init__(self, plugin: str | Path = "plugin", *, config: Mapping[str, str] | None = None) -> None:
        """Start a hub and, on it, the plugin, with the keys and values of `[plugins.config]`.

        Raises `Refused` when its `init` refuses.
        """
        if _host.present() is not None:
            raise RuntimeError("there is a FakeHub already: close it before the next one starts, or use `with`")
        self._file = plugin
        self._world = World(dict(config or {}))
        _host.use(FakeHost(self._world))
        standstill.begin(self._world.clock)
        log.install()
        try:
            self._instance = self._start()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> FakeHub:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the hub; the next one can start."""
        log.remove()
        standstill.end()
        _state.use(_state.Values())
        _host.use(None)
        hooks.plugin._hooks = {}

    @property
    def plugin(self) -> ModuleType:
        """The plugin's module, to look at its variables. Another one after each `reload` and `crash`."""
        return self._instance.module

    # What clients do.

    def connect(self, request: Request | str = "/sse") -> Connection:
        """A client requests a stream: `"/sse?name=Ada"`, or a `Request` with headers. Raises the plugin's `Rejection`."""
        connection = Connection(self._world.open())
        if "on_connect" in self._instance.hooks:
            asked = Request.get(request) if isinstance(request, str) else request
            rejection = _dispatch.connect(self._instance.hooks, connection, asked._read())
            if rejection is not None:
                rules.answer("on_connect", rejection.headers)
                self._world.turn_away(connection.id)
                self._settle()
                raise rejection
        self._settle()
        return connection

    def disconnect(self, connection: Connection, reason: DisconnectReason = DisconnectReason.CLIENT_CLOSED) -> None:
        """A stream ends: `on_leave` for each of its rooms, then `on_disconnect`. Nothing happens when it has ended."""
        if self._world.is_open(connection.id):
            self._world.begin_end(connection.id, reason)
            self._settle()

    def message(
        self, connection: Connection | None, body: str | bytes, request: Request | str = "/send"
    ) -> Response | Pass:
        """A client sends a message, naming its stream or not. Raises the `Rejection` that the client would get; of a plain
        `Refusal` it has status 400."""
        assert "on_message" in self._instance.hooks, "the plugin has no @plugin.on_message: the host would answer 404"
        asked = Request.post(request) if isinstance(request, str) else request
        answer = _dispatch.message(self._instance.hooks, connection, asked._read(), Body(body))
        self._settle()
        if isinstance(answer, Pass):
            return answer
        rules.answer("on_message", answer.headers)
        if isinstance(answer, Rejection):
            raise answer
        return answer

    # What comes through the API.

    def join(self, connection: Connection, room: str) -> None:
        """A join that a client or the API requests: `on_join`, then the join. Raises the plugin's `Rejection`, or the hub's
        error."""
        rules.room(room)
        rejection = _dispatch.join(self._instance.hooks, connection, room)
        if rejection is not None:
            rules.answer("on_join", rejection.headers)
            assert rejection.status != 204, "on_join: status 204 refuses a stream that is not open yet, and this one is"
            raise rejection
        self._world.join(connection.id, room)
        self._settle()

    def leave(self, connection: Connection, room: str) -> None:
        """Somebody outside takes a connection out of a room: `on_leave` follows, if it was in it."""
        if self._world.leave(connection.id, room):
            _dispatch.leave(self._instance.hooks, connection, room)
        self._settle()

    def publish(self, room: str, event: Event | str) -> int:
        """An event is published through the API: `on_publish`, then the broadcast. Returns the number of receivers.
        Raises the plugin's `Rejection`, or what is wrong with the event."""
        event = as_event(event)
        rules.room(room)
        rules.event(event)
        if "on_publish" in self._instance.hooks:
            answer = _dispatch.publish(self._instance.hooks, room, event, Origin("api", "127.0.0.1:51235"))
            if isinstance(answer, Rejection):
                rules.answer("on_publish", answer.headers)
                raise answer
            event = answer or event
        rules.event(event)
        receivers = self._world.broadcast([room], event, list(self._world.members(room)))
        self._settle()
        return receivers

    # What other servers answer.

    @property
    def fetches(self) -> list[StartedFetch]:
        """The fetches that are under way, in the order in which they were started."""
        return self._world.fetches.all()

    def respond(self, fetch: StartedFetch, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        """The head of a fetch's answer comes: `on_response`."""
        self._world.fetches.head_comes(fetch)
        head = ResponseHead(status, [(name.lower(), value) for name, value in (headers or {}).items()])
        _dispatch.response(self._instance.hooks, fetch.token, head)
        self._settle()

    def chunk(self, fetch: StartedFetch, content: str | bytes) -> None:
        """A piece of its body comes: `on_chunk`; after a head with status 200, if there was none."""
        if not self._world.fetches.has_head(fetch):
            self.respond(fetch)
        _dispatch.chunk(self._instance.hooks, fetch.token, Body(content))
        self._settle()

    def end(self, fetch: StartedFetch, failure: Failure | None = None) -> None:
        """The answer is complete, or the fetch fails: `on_end`."""
        if not self._world.fetches.has_head(fetch) and failure is None:
            self.respond(fetch)
        self._world.fetches.cancel(fetch.id)
        _dispatch.end(self._instance.hooks, fetch.token, failure)
        self._settle()

    # What time and operators do.

    def advance(self, time: float | timedelta) -> None:
        """Let time pass, in seconds: the timers that fall due fire, in their order."""
        end = self._world.clock.now + milliseconds("time", time)
        while (token := self._world.clock.next_until(end)) is not None:
            _dispatch.timer(self._instance.hooks, token)
            self._settle()

    def reload(self) -> None:
        """Reload: the file is read again, and a new instance takes over, with the timers and the fetches of the old
        one, with what `save` returned for `restore`, and with the values of `connection.state` and `hub.room(name).state`.

        Raises `Refused` when `save`, `init` or `restore` refuses; the old instance then goes on as before.
        """
        saved = _dispatch.save(self._instance.hooks)
        timers = self._world.clock.take()
        old, values = self._instance, _state.values()
        try:
            self._instance = self._start()
            _dispatch.restore(self._instance.hooks, saved)
        except BaseException:
            self._instance = old
            _state.use(values)
            self._world.hooks = frozenset(old.hooks)
            self._world.clock.timers = timers
            raise
        self._world.clock.adopt(timers)
        self._settle()

    def crash(self) -> None:
        """What follows a failure without a checkpoint: a new instance that knows nothing, while the connections stay. It is
        told that its fetches are interrupted."""
        self._world.clock.take()
        self._instance = self._start()
        for fetch in self._world.fetches.all():
            self.end(fetch, Failure(FailureKind.INTERRUPTED))

    def configure(self, key: str, value: str) -> None:
        """Set a configuration value; plugins mostly read theirs when they start, so `reload` after it."""
        self._world.config[key] = value

    def answer_http(self, servers: Callable[[Outgoing], Answer] | None) -> None:
        """Let this function answer the plugin's HTTP requests; without one, none are granted."""
        self._world.servers = servers

    # What has come of it.

    def received(self, connection: Connection) -> list[Event]:
        """Take the events that a connection has received since the last call. Works after its end too."""
        return _taken(self._world.inbox(id_of("connection", connection)).events)

    def comments(self, connection: Connection) -> list[str]:
        """Take the comments that a connection has received since the last call."""
        return _taken(self._world.inbox(id_of("connection", connection)).comments)

    def broadcasts(self) -> list[Broadcast]:
        """Take the broadcasts made since the last call."""
        return _taken(self._world.broadcasts)

    def logs(self, level: int = logging.NOTSET) -> list[Record]:
        """Take the lines logged since the last call, those of this level and above."""
        return [record for record in _taken(self._world.records) if record.level >= level]

    @property
    def rooms(self) -> list[str]:
        """The rooms that exist, sorted."""
        return sorted(self._world.rooms)

    @property
    def timers(self) -> int:
        """The number of timers that are set."""
        return len(self._world.clock.timers)

    def _start(self) -> Instance:
        instance = Instance.load(self._file)
        _state.use(_state.Values())
        self._world.hooks = frozenset(instance.hooks)
        _dispatch.init(instance.hooks)
        return instance

    def _settle(self) -> None:
        """Tell the plugin of connections that have ended meanwhile, by its own `close` too."""
        called = self._instance.hooks
        while self._world.endings:
            ending = self._world.endings.popleft()
            connection = Connection(ending.connection)
            for room in ending.rooms:
                _dispatch.leave(called, connection, room)
            _dispatch.disconnect(called, connection, ending.reason)
            self._world.forget(ending.connection)
            for fetch in self._world.fetches.of(ending.connection):
                self.end(fetch, Failure(FailureKind.CONNECTION_CLOSED))


def _taken(items: list[T]) -> list[T]:
    taken = items[:]
    items.clear()
    return taken
