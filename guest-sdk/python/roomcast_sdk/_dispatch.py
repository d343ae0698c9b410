"""Dispatches the host's calls to hooks, and maps what a hook returns or raises to an answer. Shared by components and the
fake hub. Any other exception fails only the call: see `_fault`."""

from __future__ import annotations

from typing import Any

from . import _state
from ._check import as_bytes
from ._fault import Hooks, answered, describe, unanswered
from .connection import Connection
from .errors import ConfigError, Refusal, Rejection
from .event import Event
from .fetched import Failure, ResponseHead
from .hooks import Hook, place
from .message import ACCEPTED, PASS, Body, Pass, Response
from .reason import DisconnectReason, Origin
from .request import Head, Request


class Refused(Exception):
    """The plugin does not start, or does not save or take over a state. The text is what an operator would see."""


def init(hooks: Hooks) -> None:
    """Raises `Refused`."""
    if "init" in hooks:
        _operated(hooks["init"])


@answered("on_connect")
def connect(hooks: Hooks, connection: Connection, head: Head) -> Rejection | None:
    """The rejection, or None."""
    hook, request = hooks["on_connect"], Request(head)
    accepted = False
    try:
        answer = hook(connection, request)
        if isinstance(answer, BaseException):
            what = f"on_connect returned a {type(answer).__name__}, which does not reject the client: raise it"
            raise TypeError(f"{place(hook)}: {what}")
        _nothing("on_connect", hook, answer, "return nothing to accept a client, raise a Rejection to reject it")
        accepted = True
    except Refusal as refusal:
        return _rejection("on_connect", refusal)
    finally:
        request._end()
        if not accepted:
            _state.connection_ended(connection.id)
    return None


@unanswered("on_disconnect")
def disconnect(hooks: Hooks, connection: Connection, reason: DisconnectReason) -> None:
    try:
        if "on_disconnect" in hooks:
            hooks["on_disconnect"](connection, reason)
    finally:
        _state.connection_ended(connection.id)


@answered("on_join")
def join(hooks: Hooks, connection: Connection, room: str) -> Rejection | None:
    """The rejection, or None."""
    hook = hooks.get("on_join")
    if hook is None:
        return None
    try:
        answer = hook(connection, room)
    except Refusal as refusal:
        return _rejection("on_join", refusal)
    _nothing("on_join", hook, answer, "return nothing to allow a join, raise a Refusal to refuse it")
    return None


@unanswered("on_leave")
def leave(hooks: Hooks, connection: Connection, room: str) -> None:
    try:
        if "on_leave" in hooks:
            hooks["on_leave"](connection, room)
    finally:
        _state.member_left(room)


@answered("on_publish")
def publish(hooks: Hooks, room: str, event: Event, origin: Origin) -> Event | Rejection | None:
    """The event to deliver instead, the rejection, or None."""
    try:
        answer = hooks["on_publish"](room, event, origin)
    except Refusal as refusal:
        return _rejection("on_publish", refusal)
    if answer is None or isinstance(answer, Event):
        return answer
    what_to_do = "return an Event, or None to deliver it unchanged; raise a Refusal to refuse it"
    raise _wrong("on_publish", hooks["on_publish"], answer, what_to_do)


@answered("on_message")
def message(hooks: Hooks, connection: Connection | None, head: Head, body: Body) -> Response | Pass | Rejection:
    """The response, the rejection, or `PASS`."""
    request = Request(head)
    try:
        answer = hooks["on_message"](connection, request, body)
    except Refusal as refusal:
        return _rejection("on_message", refusal)
    finally:
        request._end()
    if answer is None:
        return ACCEPTED
    if isinstance(answer, str):
        return Response(200, answer)
    if answer is PASS or isinstance(answer, Response):
        return answer
    what_to_do = "return a Response, a str or None; for JSON Response.json(...)"
    raise _wrong("on_message", hooks["on_message"], answer, what_to_do)


@unanswered("on_timer")
def timer(hooks: Hooks, token: str) -> None:
    hooks["on_timer"](token)


@unanswered("on_response")
def response(hooks: Hooks, token: str, head: ResponseHead) -> None:
    if "on_response" in hooks:
        hooks["on_response"](token, head)


@unanswered("on_chunk")
def chunk(hooks: Hooks, token: str, piece: Body) -> None:
    if "on_chunk" in hooks:
        hooks["on_chunk"](token, piece)


@unanswered("on_end")
def end(hooks: Hooks, token: str, failure: Failure | None) -> None:
    if "on_end" in hooks:
        hooks["on_end"](token, failure)


def save(hooks: Hooks) -> bytes:
    """The state. Raises `Refused`."""
    own = _own_state(hooks) if "save" in hooks else None
    return bytes(_operated(_state.saved, own))


def restore(hooks: Hooks, state: bytes) -> None:
    """Raises `Refused`."""
    own = _operated(_state.restored, state)
    if own is not None and "restore" in hooks:
        _operated(hooks["restore"], own)


def _own_state(hooks: Hooks) -> bytes:
    state = _operated(hooks["save"])
    if isinstance(state, (str, bytes, bytearray)):
        return as_bytes("state", state)
    raise Refused(str(_wrong("save", hooks["save"], state, "return bytes or a str, for example json.dumps(...)")))


def _operated(hook: Hook, *arguments: object) -> Any:
    """Call a hook whose failure is reported to the operator."""
    try:
        return hook(*arguments)
    except (Refusal, ConfigError) as why:
        raise Refused(why.body if isinstance(why, Rejection) else str(why)) from why
    except Exception as why:
        # The text alone may not be enough: `KeyError: 'people'`.
        raise Refused(describe(why)) from why


def _rejection(name: str, refusal: Refusal) -> Rejection:
    if not isinstance(refusal, Rejection):
        return Rejection(400, str(refusal))
    if refusal.status == 204 and name not in ("on_connect", "on_join"):
        raise ValueError(f"{name} raised a Rejection with status 204, which only refuses a stream") from refusal
    return refusal


def _nothing(name: str, hook: Hook, answer: object, what_to_do: str) -> None:
    if answer is not None:
        raise _wrong(name, hook, answer, what_to_do)


def _wrong(name: str, hook: Hook, answer: object, what_to_do: str) -> TypeError:
    return TypeError(f"{place(hook)}: {name} returned {type(answer).__name__} {answer!r:.80}: {what_to_do}")
