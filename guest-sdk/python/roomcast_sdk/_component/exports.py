"""The component's exports: one class for each interface, named as componentize-py looks for it. Those that a plugin does
not have are not exported, and not looked for."""

from __future__ import annotations

# What `datetime.strptime` imports when it is called first; in a component that is too late.
import _strptime  # type: ignore[import-not-found]  # noqa: F401
from typing import TYPE_CHECKING

from componentize_py_types import Err, Result
from wit_world.imports import types

from .. import _dispatch, _host, log
from .._check import well_formed
from .._dispatch import Refused
from ..connection import Connection
from ..errors import Rejection
from ..event import Event
from ..fetched import Failure, FailureKind, ResponseHead
from ..hooks import plugin
from ..message import Body, Pass
from ..reason import DisconnectReason, Origin
from . import event_loop, fault, timezones
from .host import ComponentHost
from .ids import to_text

if TYPE_CHECKING:
    from wit_world.exports import fetch_events, message, publish
else:
    try:
        from wit_world.exports import publish
    except ImportError:
        publish = None
    try:
        from wit_world.exports import message
    except ImportError:
        message = None

_hooks = plugin._hooks


class Lifecycle:
    @fault.guarded
    def init(self) -> None:
        _host.use(ComponentHost())
        log.install()
        fault.refuse_late_imports()
        try:
            _dispatch.init(_hooks)
        except Refused as why:
            raise operators(why) from None


class Connect:
    @fault.guarded
    def on_connect(self, connection: types.ConnectionId, request: types.Request) -> None:
        rejection = _dispatch.connect(_hooks, _connection(connection), request)
        if rejection is not None:
            raise Err(_rejection(rejection))


class Disconnect:
    @fault.guarded
    def on_disconnect(self, connection: types.ConnectionId, reason: types.DisconnectReason) -> None:
        _dispatch.disconnect(_hooks, _connection(connection), DisconnectReason[reason.name])


class Room:
    @fault.guarded
    def on_join(self, connection: types.ConnectionId, room: str) -> None:
        rejection = _dispatch.join(_hooks, _connection(connection), room)
        if rejection is not None:
            raise Err(_rejection(rejection))

    @fault.guarded
    def on_leave(self, connection: types.ConnectionId, room: str) -> None:
        _dispatch.leave(_hooks, _connection(connection), room)


class Publish:
    @fault.guarded
    def on_publish(self, room: str, event: types.Event, origin: publish.Origin) -> publish.Verdict:
        asked = Event(event.data, event=event.event, id=event.id, retry_ms=event.retry_ms)
        kind = type(origin).__name__.removeprefix("Origin_").lower()
        answer = _dispatch.publish(_hooks, room, asked, Origin(kind, origin.value))
        if answer is None:
            return publish.Verdict_Forward()
        if isinstance(answer, Rejection):
            return publish.Verdict_Refuse(_rejection(answer))
        return publish.Verdict_Rewrite(types.Event(answer.data, answer.event, answer.id, answer.retry_ms))


class Message:
    @fault.guarded
    def on_message(self, connection: types.ConnectionId | None, request: types.Request, body: bytes) -> message.Reply:
        sender = None if connection is None else _connection(connection)
        answer = _dispatch.message(_hooks, sender, request, Body(body))
        if isinstance(answer, Rejection):
            raise Err(_rejection(answer))
        if isinstance(answer, Pass):
            return message.Reply_Pass()
        return message.Reply_Answer(types.Response(answer.status, answer.headers, answer.body.content))


class Timer:
    @fault.guarded
    def on_timer(self, token: str) -> None:
        _dispatch.timer(_hooks, token)


class FetchEvents:
    @fault.guarded
    def on_response(self, token: str, status: int, headers: list[tuple[str, str]]) -> None:
        _dispatch.response(_hooks, token, ResponseHead(status, headers))

    @fault.guarded
    def on_chunk(self, token: str, chunk: bytes) -> None:
        _dispatch.chunk(_hooks, token, Body(chunk))

    @fault.guarded
    def on_end(self, token: str, outcome: Result[None, fetch_events.Failure]) -> None:
        _dispatch.end(_hooks, token, _failure(outcome.value) if isinstance(outcome, Err) else None)


class State:
    @fault.guarded
    def save(self) -> bytes:
        try:
            return _dispatch.save(_hooks)
        except Refused as why:
            raise operators(why) from None

    @fault.guarded
    def restore(self, state: bytes) -> None:
        try:
            _dispatch.restore(_hooks, state)
        except Refused as why:
            raise operators(why) from None


def _connection(id: types.ConnectionId) -> Connection:
    return Connection(to_text(id))


def _rejection(rejection: Rejection) -> types.Rejection:
    return types.Rejection(rejection.status, rejection.headers, rejection.body)


def operators(why: Refused) -> Err[str]:
    """The error that an operator sees."""
    return Err(well_formed(str(why)))


def _failure(failure: fetch_events.Failure) -> Failure:
    name = type(failure).__name__.removeprefix("Failure_")
    kind = next(kind for kind in FailureKind if kind.value.replace("-", "") == name.lower())
    value = getattr(failure, "value", "")
    return Failure(kind, value.reason, value.key) if isinstance(value, types.Limit) else Failure(kind, value)


fault.keep_sources()
timezones.keep()
event_loop.install()
