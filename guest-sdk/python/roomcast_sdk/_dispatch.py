"""Dispatches the host's calls to hooks, and maps what a hook returns or raises to an answer. Shared by components and the
fake hub. Any other exception is a plugin failure, which fails only the call: see `_fault`."""

from __future__ import annotations

import logging
from collections.abc import Callable

from ._fault import TOLD, Hooks, survived
from .connection import Connection
from .errors import ConfigError, HostError, InvalidArgument, Refusal, Rejection
from .event import Event
from .fetched import Failure, ResponseHead
from .hooks import Hook, place
from .message import ACCEPTED, Body, Response
from .reason import DisconnectReason, Origin
from .request import Request

log = logging.getLogger("roomcast")


def _nobody() -> None:
    """Nobody is told."""


def init(hooks: Hooks) -> str | None:
    """Why the plugin does not start, or None."""
    return _refused("init", hooks.get("init"))


@survived("on_connect", lambda: Rejection(500, TOLD))
def connect(hooks: Hooks, connection: Connection, request: Request) -> Rejection | None:
    """The rejection, or None."""
    try:
        answer = hooks["on_connect"](connection, request)
    except Rejection as rejection:
        return rejection
    except Refusal as refusal:
        return Rejection(400, str(refusal))
    except HostError as error:
        return Rejection(400 if isinstance(error, InvalidArgument) else 503, str(error))
    if isinstance(answer, BaseException):
        what = f"on_connect returned a {type(answer).__name__}, which does not reject the client: raise it"
        raise TypeError(f"{place(hooks['on_connect'])}: {what}")
    _nothing(
        "on_connect",
        hooks["on_connect"],
        answer,
        "return nothing to accept a client, raise a Rejection to reject it",
    )
    return None


@survived("on_disconnect", _nobody)
def disconnect(hooks: Hooks, connection: Connection, reason: DisconnectReason) -> None:
    _told(lambda: hooks["on_disconnect"](connection, reason), "on_disconnect")


@survived("on_join", lambda: TOLD)
def join(hooks: Hooks, connection: Connection, room: str) -> str | None:
    """The refusal, or None."""
    hook = hooks.get("on_join")
    if hook is None:
        return None
    try:
        answer = hook(connection, room)
    except (Refusal, HostError) as refusal:
        return _reason(refusal)
    _nothing("on_join", hook, answer, "return nothing to allow a join, raise a Refusal to refuse it")
    return None


@survived("on_leave", _nobody)
def leave(hooks: Hooks, connection: Connection, room: str) -> None:
    if "on_leave" in hooks:
        _told(lambda: hooks["on_leave"](connection, room), "on_leave")


@survived("on_publish", lambda: TOLD)
def publish(hooks: Hooks, room: str, event: Event, origin: Origin) -> Event | str | None:
    """The event to deliver instead, the refusal, or None."""
    try:
        answer = hooks["on_publish"](room, event, origin)
    except (Refusal, HostError) as refusal:
        return _reason(refusal)
    if answer is not None and not isinstance(answer, Event):
        what_to_do = "return an Event, or None to deliver it unchanged; raise a Refusal to refuse it"
        raise _wrong("on_publish", hooks["on_publish"], answer, what_to_do)
    return answer


@survived("on_message", lambda: Response(500, TOLD))
def message(hooks: Hooks, connection: Connection | None, request: Request, body: Body) -> Response | str:
    """The response, or the error text of status 400."""
    try:
        answer = hooks["on_message"](connection, request, body)
    except Rejection as rejection:
        return Response(rejection.status, rejection.body, rejection.headers)
    except (Refusal, HostError) as refusal:
        return str(refusal)
    if answer is None:
        return ACCEPTED
    if isinstance(answer, str):
        return Response(200, answer)
    if isinstance(answer, Response):
        return answer
    what_to_do = "return a Response, a str or None; for JSON Response.json(...)"
    raise _wrong("on_message", hooks["on_message"], answer, what_to_do)


@survived("on_timer", _nobody)
def timer(hooks: Hooks, token: str) -> None:
    _told(lambda: hooks["on_timer"](token), "on_timer")


@survived("on_response", _nobody)
def response(hooks: Hooks, token: str, head: ResponseHead) -> None:
    if "on_response" in hooks:
        _told(lambda: hooks["on_response"](token, head), "on_response")


@survived("on_chunk", _nobody)
def chunk(hooks: Hooks, token: str, piece: Body) -> None:
    if "on_chunk" in hooks:
        _told(lambda: hooks["on_chunk"](token, piece), "on_chunk")


@survived("on_end", _nobody)
def end(hooks: Hooks, token: str, failure: Failure | None) -> None:
    if "on_end" in hooks:
        _told(lambda: hooks["on_end"](token, failure), "on_end")


def save(hooks: Hooks) -> bytes:
    """An exception ends the instance: the contract has no error for it."""
    state = hooks["save"]()
    if isinstance(state, str):
        return state.encode()
    if isinstance(state, (bytes, bytearray)):
        return bytes(state)
    raise _wrong("save", hooks["save"], state, "return bytes or a str, for example json.dumps(...)")


def restore(hooks: Hooks, state: bytes) -> str | None:
    """Why the state was refused, or None."""
    return _refused("restore", hooks["restore"], state)


def _refused(name: str, hook: Hook | None, *arguments: object) -> str | None:
    if hook is None:
        return None
    try:
        hook(*arguments)
    except (Refusal, HostError, ConfigError) as why:
        return _reason(why)
    except Exception as why:
        # The text alone may not be enough: `KeyError: 'people'`. The log has the traceback.
        log.exception("%s failed", name)
        return f"{type(why).__name__}: {why}"
    return None


def _told(call: Callable[[], object], name: str) -> None:
    """Call a hook that has no answer. A refused host call, such as a send to a connection that has just ended, does not end
    the instance."""
    try:
        call()
    except (Refusal, HostError):
        log.exception("%s ended early", name)


def _nothing(name: str, hook: Hook, answer: object, what_to_do: str) -> None:
    if answer is not None:
        raise _wrong(name, hook, answer, what_to_do)


def _wrong(name: str, hook: Hook, answer: object, what_to_do: str) -> TypeError:
    return TypeError(f"{place(hook)}: {name} returned {type(answer).__name__} {answer!r:.80}: {what_to_do}")


def _reason(refusal: Exception) -> str:
    return refusal.body if isinstance(refusal, Rejection) else str(refusal)
