"""`plugin`: the decorators that make a function a hook."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, TypeVar

from .connection import Connection
from .event import Event
from .fetched import Failure, ResponseHead
from .message import Body, Pass, Response
from .reason import DisconnectReason, Origin
from .request import Request

Hook = Callable[..., Any]
H = TypeVar("H", bound=Hook)

Init = TypeVar("Init", bound=Callable[[], None])
OnConnect = TypeVar("OnConnect", bound=Callable[[Connection, Request], None])
OnDisconnect = TypeVar("OnDisconnect", bound=Callable[[Connection, DisconnectReason], None])
OnJoin = TypeVar("OnJoin", bound=Callable[[Connection, str], None])
OnPublish = TypeVar("OnPublish", bound=Callable[[str, Event, Origin], "Event | None"])
OnMessage = TypeVar("OnMessage", bound=Callable[["Connection | None", Request, Body], "Response | Pass | str | None"])
OnTimer = TypeVar("OnTimer", bound=Callable[[str], None])
OnResponse = TypeVar("OnResponse", bound=Callable[[str, ResponseHead], None])
OnChunk = TypeVar("OnChunk", bound=Callable[[str, Body], None])
OnError = TypeVar("OnError", bound=Callable[[Exception, str], None])
OnEnd = TypeVar("OnEnd", bound=Callable[[str, "Failure | None"], None])
Save = TypeVar("Save", bound=Callable[[], "bytes | str"])
Restore = TypeVar("Restore", bound=Callable[[bytes], None])

PARAMETERS = {
    "init": (),
    "on_connect": ("connection", "request"),
    "on_disconnect": ("connection", "reason"),
    "on_join": ("connection", "room"),
    "on_leave": ("connection", "room"),
    "on_publish": ("room", "event", "origin"),
    "on_message": ("connection", "request", "body"),
    "on_timer": ("token",),
    "on_response": ("token", "response"),
    "on_chunk": ("token", "chunk"),
    "on_end": ("token", "failure"),
    "on_error": ("error", "hook"),
    "save": (),
    "restore": ("state",),
}
"""The parameters of each hook, in the host's order."""


class HookError(TypeError):
    """An invalid hook. Raised when the plugin is built or a test loads it."""


class Plugin:
    """The plugin: `from roomcast_sdk import plugin`, and decorate the functions that the host should call.

    Decorate only what you need. Hooks that you leave out are not exported, and cost nothing. Calls into one instance are
    serial.
    """

    def __init__(self) -> None:
        self._hooks: dict[str, Hook] = {}

    def init(self, hook: Init) -> Init:
        """`def start():` Called once per instance, before any other hook. An exception makes the load fail; its text is
        reported to the operator. At a reload this runs while the previous version is still serving."""
        return self._add("init", hook)

    def on_connect(self, hook: OnConnect) -> OnConnect:
        """`def greet(connection, request):` A client requests a stream. Called before the response's head is sent.

        The connection is already in the auto-join room, and events sent to it from here follow the head. Raise a
        `Rejection` to reject the client. Then later plugins of the chain are not called, and earlier ones get
        `on_disconnect` with `REJECTED`.
        """
        return self._add("on_connect", hook)

    def on_disconnect(self, hook: OnDisconnect) -> OnDisconnect:
        """`def bye(connection, reason):` A stream has ended. Called exactly once for each connection that this plugin
        accepted. The connection has left all its rooms and takes no more events; its tag can still be read."""
        return self._add("on_disconnect", hook)

    def on_join(self, hook: OnJoin) -> OnJoin:
        """`def join(connection, room):` Called before a join that a client or the API requests, not for those that a
        plugin makes. Raise a `Refusal` (400) or a `Rejection` to refuse it; its text is the answer."""
        return self._add("on_join", hook)

    def on_leave(self, hook: OnJoin) -> OnJoin:
        """`def leave(connection, room):` Called after a connection has left a room, either through the API or because it
        ended. In the second case `on_disconnect` follows."""
        return self._add("on_leave", hook)

    def on_publish(self, hook: OnPublish) -> OnPublish:
        """`def publish(room, event, origin):` An event is published from outside. Return None to forward it, or another
        `Event` to replace it; raise a `Refusal` (400) or a `Rejection` to refuse it."""
        return self._add("on_publish", hook)

    def on_message(self, hook: OnMessage) -> OnMessage:
        """`def message(connection, request, body):` A client posts a message: a POST to the endpoint's message path.

        `connection` is set if the client named its stream and that stream is open; otherwise it is None. Return a
        `Response`, a text, or None for 202; `PASS` passes it on to the next plugin of the chain. Raise a `Refusal` for 400,
        or a `Rejection` with another status.
        """
        return self._add("on_message", hook)

    def on_timer(self, hook: OnTimer) -> OnTimer:
        """`def fire(token):` A timer has fired. Called with the token that was passed when it was set, see `timers`."""
        return self._add("on_timer", hook)

    def on_response(self, hook: OnResponse) -> OnResponse:
        """`def head(token, response):` The head of a fetch's answer has arrived. Called once per fetch, before its chunks,
        with the fetch's token, see `fetch`."""
        return self._add("on_response", hook)

    def on_chunk(self, hook: OnChunk) -> OnChunk:
        """`def piece(token, chunk):` A chunk of a fetch's answer has arrived, a `Body` of at most 64 KiB. Chunks never
        split a character of UTF-8, but may split lines and events: see `EventReader`."""
        return self._add("on_chunk", hook)

    def on_end(self, hook: OnEnd) -> OnEnd:
        """`def end(token, failure):` A fetch has ended: its answer is complete (`failure` is None), or it failed and
        `failure` says why. Not called after `cancel`."""
        return self._add("on_end", hook)

    def on_error(self, hook: OnError) -> OnError:
        """`def failed(error, hook):` Called with an exception of the hook named `hook` that is neither a refusal nor a
        `HostError`, instead of logging it. The client gets status 500, and the instance keeps running. An exception from
        here ends the instance, and a new one starts from the last checkpoint."""
        return self._add("on_error", hook)

    def save(self, hook: Save) -> Save:
        """`def save():` Returns the instance's state, as bytes or text, in a format of your choosing.

        Called when another instance takes over, and for checkpoints; the instance may continue to serve afterwards. An
        exception refuses the new version, or leaves the last checkpoint as it is; its text is reported to the operator.
        Requires `restore`.
        """
        return self._add("save", hook)

    def restore(self, hook: Restore) -> Restore:
        """`def restore(state):` Takes over the state (bytes) of the previous instance, which may be of another version,
        older or newer. Called after `init`. An exception refuses the new version; its text is reported to the operator,
        and the previous version keeps serving."""
        return self._add("restore", hook)

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            close = difflib.get_close_matches(name, PARAMETERS, n=1)
            meant = f" did you mean @plugin.{close[0]}?" if close else ""
            raise AttributeError(f"there is no hook `{name}`:{meant} The hooks are {', '.join(PARAMETERS)}")

    def _add(self, name: str, hook: H) -> H:
        check(name, hook)
        other = self._hooks.get(name)
        if other is not None:
            raise HookError(f"{place(hook)}: there is an `{name}` already, at {place(other)}")
        self._hooks[name] = hook
        return hook


plugin = Plugin()
"""This component's plugin."""


def place(hook: Any) -> str:
    """A function's location, for example `plugin.py:12`."""
    code = getattr(inspect.unwrap(hook), "__code__", None)
    return f"{code.co_filename.rsplit('/', 1)[-1]}:{code.co_firstlineno}" if code else repr(hook)


def check(name: str, hook: Any) -> None:
    """Raises `HookError` if `hook` cannot be called as this hook."""
    parameters = PARAMETERS[name]
    wanted = f"({', '.join(parameters)})"
    if not callable(hook):
        raise HookError(f"@plugin.{name} must decorate a function, not {hook!r:.80}")
    if inspect.iscoroutinefunction(hook) or inspect.isasyncgenfunction(hook):
        raise HookError(
            f"{place(hook)}: `{name}` must be a plain `def`: no call of the hub waits, so nothing is awaited"
        )
    if inspect.isgeneratorfunction(hook):
        raise HookError(f"{place(hook)}: `{name}` must not `yield`: the host calls it once and takes what it returns")
    try:
        inspect.signature(hook).bind(*parameters)
    except TypeError as why:
        called = getattr(hook, "__name__", "hook")
        raise HookError(
            f"{place(hook)}: `{called}` is called as {name} with {wanted}: {why}; write def {called}{wanted}"
        ) from None


def check_set(hooks: dict[str, Hook]) -> None:
    """Raises `HookError` if these hooks are not a valid plugin."""
    if not set(hooks) - {"init", "on_error"}:
        names = ", ".join(f"@plugin.{name}" for name in PARAMETERS if name.startswith("on_") and name != "on_error")
        raise HookError(f"no hook: the host would never call this plugin. Decorate a function with one of {names}")
    for one, other in (("save", "restore"), ("restore", "save")):
        if one in hooks and other not in hooks:
            raise HookError(f"{place(hooks[one])}: @plugin.{one} needs its counterpart @plugin.{other}")


INTERFACES = {
    "connect": ("on_connect",),
    "disconnect": ("on_disconnect",),
    "room": ("on_join", "on_leave"),
    "publish": ("on_publish",),
    "message": ("on_message",),
    "timer": ("on_timer",),
    "fetch-events": ("on_response", "on_chunk", "on_end"),
    "state": ("save", "restore"),
}
"""The contract's interfaces, and the hooks that each is made of."""


def interfaces(hooks: Collection[str]) -> list[str]:
    """The interfaces that a component with these hooks exports, always including `lifecycle`."""
    used = [name for name, parts in INTERFACES.items() if any(part in hooks for part in parts)]
    return ["lifecycle", *used]
