"""The values of `connection.state` and `hub.room(name).state`, and how they are saved.

They are saved with the plugin's own state, in one JSON object: `{"roomcast": 1, "connections": {id: value}, "rooms": {name:
value}, "plugin": state}`, where `state` is what the plugin's `save` returned, as text or, if it is not UTF-8, as
`{"base64": text}`. A plugin that uses neither has its own bytes saved as they are.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from typing import Any

from ._host import host
from .errors import NoSuchConnection

_VERSION = 1
_START = b'{"roomcast":'


class Values:
    """The values of one instance."""

    def __init__(self) -> None:
        self.connections: dict[str, Any] = {}
        """By the connection's id."""
        self.rooms: dict[str, Any] = {}
        """By the room's name."""
        self._ended: set[str] = set()
        """Connections that had ended when the values were restored. Either their `on_disconnect` is still to come, or they
        ended before a failure, and nothing is called for them any more."""


_values = Values()

exported = True
"""Whether the component has the hooks that values depend on. The build decides by the plugin's source."""


def values() -> Values:
    """The values of the instance that runs."""
    return _values


def use(new: Values) -> None:
    """Another instance runs."""
    global _values
    _values = new


def set_connection(id: str, value: Any) -> None:
    """Raises `NoSuchConnection` if it has ended: nothing would remove the value."""
    if value is None:
        _values.connections.pop(id, None)
        return
    _check_exported()
    if not host().is_open(id):
        raise NoSuchConnection
    _values.connections[id] = value


def set_room(name: str, value: Any) -> None:
    """Raises `ValueError` if the room is empty: nothing would remove the value."""
    if value is None:
        _values.rooms.pop(name, None)
        return
    _check_exported()
    if host().count(name) == 0:
        raise ValueError(f"the room {name!r:.80} has no members, so it has no state: have a connection join it first")
    _values.rooms[name] = value


def connection_ended(id: str) -> None:
    """Its `on_disconnect` has returned, or it was rejected."""
    _values.connections.pop(id, None)


def member_left(room: str) -> None:
    """A connection has left the room. Its value goes with the last member."""
    if room in _values.rooms and host().count(room) == 0:
        del _values.rooms[room]


def saved(own: bytes | None) -> bytes:
    """What to save: the values, and the plugin's own state, if it has `save`. Raises `ValueError` or `TypeError` for a
    value that is not JSON."""
    for id in _values._ended:
        _values.connections.pop(id, None)
    _values._ended.clear()
    is_used = bool(_values.connections or _values.rooms)
    if own is not None and not is_used and not own.startswith(_START):
        return own
    saved: dict[str, Any] = {"roomcast": _VERSION, "connections": _values.connections, "rooms": _values.rooms}
    if own is not None:
        saved["plugin"] = _to_json(own)
    try:
        return _dumps(saved)
    except (TypeError, ValueError, RecursionError):
        _check_json()
        raise


def restored(state: bytes) -> bytes | None:
    """Take over the values of a saved state. Returns the plugin's own, if there is one in it. Raises `ValueError`."""
    if not state.startswith(_START):
        return state
    saved = json.loads(state)
    if saved["roomcast"] != _VERSION:
        raise ValueError(f"the saved state has format {saved['roomcast']}, and this SDK knows format {_VERSION}")
    _values.connections = saved["connections"]
    _values.rooms = {name: value for name, value in saved["rooms"].items() if host().count(name) > 0}
    _values._ended = {id for id in saved["connections"] if not host().is_open(id)}
    return _from_json(saved["plugin"]) if "plugin" in saved else None


def _check_exported() -> None:
    if not exported:
        raise RuntimeError(
            "the build has found no `.state` in the plugin's own files, so the component cannot keep it: "
            "write `connection.state` or `hub.room(name).state` there"
        )


def _check_json() -> None:
    """Raises `TypeError` that names a value that is not JSON, if there is one."""
    named = [(f"the state of connection {id}", value) for id, value in _values.connections.items()]
    named += [(f"the state of room {name!r:.80}", value) for name, value in _values.rooms.items()]
    for what, value in named:
        try:
            _dumps(value)
        except (TypeError, ValueError, RecursionError) as why:
            raise TypeError(f"{what} is not JSON: {why}") from None


def _dumps(value: Any) -> bytes:
    # ASCII, so that lone surrogates, which UTF-8 does not have, are kept.
    return json.dumps(value, allow_nan=False, separators=(",", ":")).encode()


def _to_json(own: bytes) -> str | dict[str, str]:
    try:
        return own.decode()
    except UnicodeDecodeError:
        return {"base64": b64encode(own).decode()}


def _from_json(own: str | dict[str, str]) -> bytes:
    return own.encode() if isinstance(own, str) else b64decode(own["base64"])
