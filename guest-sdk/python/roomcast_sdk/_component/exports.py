"""The component's exports: one class for each interface, named as componentize-py looks for it. Those that a plugin does
not have are not exported, and not looked for."""

from __future__ import annotations

# What `datetime.strptime` imports when it is called first; in a component that is too late.
import _strptime  # type: ignore[import-not-found]  # noqa: F401
from typing import TYPE_CHECKING

from componentize_py_types import Err, Result
from wit_world.imports import types

from .. import _dispatch, _host, log
from ..connection import Connection
from ..event import Event
from ..fetched import Failure, FailureKind, ResponseHead
from ..hooks import plugin
from ..message import Body
from ..reason import DisconnectReason, Origin
from ..request import Request
from . import fault
from .host import ComponentHost, as_body

if TYPE_CHECKING:
    from wit_world.exports import fetch_events, publish
else:
    try:
        from wit_world.exports import publish
    except ImportError:
        publish = None

_hooks = plugin._hooks


class Lifecycle:
    @fault.guarded
    def init(self) -> None:
        _host.use(ComponentHost())
        log.install()
        fault.refuse_late_imports()
        _refuse(_dispatch.init(_hooks))


class Connect:
    @fault.guarded
    def on_connect(self, connection: str, request: types.Request) -> None:
        rejection = _dispatch.connect(_hooks, Connection(connection), _request(request))
        if rejection is not None:
            raise Err(types.Rejection(rejection.status, rejection.headers, rejection.body))


class Disconnect:
    @fault.guarded
    def on_disconnect(self, connection: str, reason: types.DisconnectReason) -> None:
        _dispatch.disconnect(_hooks, Connection(connection), DisconnectReason[reason.name])


class Room:
    @fault.guarded
    def on_join(self, connection: str, room: str) -> None:
        _refuse(_dispatch.join(_hooks, Connection(connection), room))

    @fault.guarded
    def on_leave(self, connection: str, room: str) -> None:
        _dispatch.leave(_hooks, Connection(connection), room)


class Publish:
    @fault.guarded
    def on_publish(self, room: str, event: types.Event, origin: publish.Origin) -> publish.Verdict:
        asked = Event(event.data, event=event.event, id=event.id, retry_ms=event.retry_ms)
        kind = type(origin).__name__.removeprefix("Origin_").lower()
        answer = _dispatch.publish(_hooks, room, asked, Origin(kind, origin.value))
        if answer is None:
            return publish.Verdict_Forward()
        if isinstance(answer, str):
            return publish.Verdict_Refuse(answer)
        return publish.Verdict_Rewrite(types.Event(answer.data, answer.event, answer.id, answer.retry_ms))


class Message:
    @fault.guarded
    def on_message(self, connection: str | None, request: types.Request, body: types.Body) -> types.Response:
        sender = None if connection is None else Connection(connection)
        answer = _dispatch.message(_hooks, sender, _request(request), Body(body.value))
        if isinstance(answer, str):
            raise Err(answer)
        return types.Response(answer.status, answer.headers, as_body(answer.body))


class Timer:
    @fault.guarded
    def on_timer(self, token: str) -> None:
        _dispatch.timer(_hooks, token)


class FetchEvents:
    @fault.guarded
    def on_response(self, token: str, status: int, headers: list[tuple[str, str]]) -> None:
        _dispatch.response(_hooks, token, ResponseHead(status, headers))

    @fault.guarded
    def on_chunk(self, token: str, chunk: types.Body) -> None:
        _dispatch.chunk(_hooks, token, Body(chunk.value))

    @fault.guarded
    def on_end(self, token: str, outcome: Result[None, fetch_events.Failure]) -> None:
        _dispatch.end(_hooks, token, _failure(outcome.value) if isinstance(outcome, Err) else None)


class State:
    @fault.guarded
    def save(self) -> bytes:
        return _dispatch.save(_hooks)

    @fault.guarded
    def restore(self, state: bytes) -> None:
        _refuse(_dispatch.restore(_hooks, state))


def _refuse(reason: str | None) -> None:
    if reason is not None:
        # It may carry what an exception of the author's said, with half a surrogate pair in it.
        raise Err(reason.encode(errors="replace").decode())


def _failure(failure: fetch_events.Failure) -> Failure:
    name = type(failure).__name__.removeprefix("Failure_")
    kind = next(kind for kind in FailureKind if kind.value.replace("-", "") == name.lower())
    value = getattr(failure, "value", "")
    return Failure(kind, value.reason, value.limit) if isinstance(value, types.Limit) else Failure(kind, value)


def _request(request: types.Request) -> Request:
    return Request(request.method, request.path, request.query, request.headers, request.peer, request.last_event_id)


fault.keep_sources()
