"""`Connection`: one open event stream."""

from __future__ import annotations

import re
from functools import total_ordering
from typing import Any

from . import _state
from ._check import as_optional_text, as_text
from ._host import host
from ._identified import Identified
from .event import Event, as_event

_UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@total_ordering
class Connection(Identified):
    """One open event stream, by its id.

    Plain data: store it, compare it, use it as a key. It stays valid when the plugin is replaced, and its methods raise
    `NoSuchConnection` once the stream has ended. `str(connection)` is the id, and `Connection(text)` reads it back.
    Whoever knows the id may post messages in the connection's name, so treat it like a session token.
    """

    __slots__ = ()

    id: str
    """The id as text, a UUID such as `0192f3c4-7b1e-4c55-9c0e-2f6d1c1b8a77`."""

    def __init__(self, id: str) -> None:
        lower = as_text("id", id).lower()
        if _UUID.fullmatch(lower) is None:
            raise ValueError(
                f"a connection's id is a UUID such as 0192f3c4-7b1e-4c55-9c0e-2f6d1c1b8a77, not {id!r:.80}"
            )
        self.id = lower

    def send(self, event: Event | str) -> None:
        """Send an event to this connection. During `on_connect` it is kept, and goes out right after the stream's head.

        Raises `NoSuchConnection`, `ConnectionClosed`, and `InvalidArgument` when the event breaks a rule (see `Event`).
        """
        host().send_event(self.id, as_event(event))

    def comment(self, text: str) -> None:
        """Send a comment, which scripts in a page cannot see. No CR, LF or NUL."""
        host().send_comment(self.id, as_text("text", text))

    def close(self) -> None:
        """Close the connection after everything sent to it before. `on_disconnect` follows, with `PLUGIN_CLOSED`."""
        host().close(self.id)

    @property
    def is_open(self) -> bool:
        """Whether the connection is open."""
        return host().is_open(self.id)

    def join(self, room: str) -> None:
        """Add the connection to a room, creating the room if needed. No effect if it is already a member.

        A room's name is 1 to 256 bytes without control characters.
        """
        host().join(self.id, as_text("room", room))

    def leave(self, room: str) -> None:
        """Remove the connection from a room. No effect if it is not a member. A room ends when its last member leaves."""
        host().leave(self.id, as_text("room", room))
        _state.member_left(room)

    @property
    def rooms(self) -> list[str]:
        """The rooms that the connection is in, the auto-join room (`__all`) among them."""
        return host().rooms_of(self.id)

    @property
    def tag(self) -> str | None:
        """The text that a plugin attached to the connection; None before the first time.

        Assign a text (at most 1 KiB) to attach it, or None to take it off. All plugins of the chain, and the API, see the
        same tag. It can still be read in `on_disconnect`.
        """
        return host().tag(self.id)

    @tag.setter
    def tag(self, tag: str | None) -> None:
        host().set_tag(self.id, as_optional_text("tag", tag))

    @property
    def state(self) -> Any:
        """A value of yours for this connection, as long as it is open; None before the first time.

        Any JSON value: `connection.state = {"name": "Ada"}`, then `connection.state["name"]`. The SDK saves and restores it
        at a reload and with checkpoints, without a `save` of yours, and removes it when `on_disconnect` has returned, which
        can still read it. Only this instance sees it. What is not JSON fails the reload; a tuple becomes a list by it, and
        a key that is a number a text.

        Raises `NoSuchConnection` when it is assigned after the end.
        """
        return _state.values().connections.get(self.id)

    @state.setter
    def state(self, value: Any) -> None:
        _state.set_connection(self.id, value)

    def __eq__(self, other: object) -> bool:
        return self.id == other.id if isinstance(other, Connection) else NotImplemented

    def __lt__(self, other: Connection) -> bool:
        return self.id < other.id if isinstance(other, Connection) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.id)

    def __str__(self) -> str:
        return self.id

    def __repr__(self) -> str:
        return f"Connection({self.id!r})"


def id_of(argument: str, connection: object) -> str:
    """The id of what was given as a connection."""
    if not isinstance(connection, Connection):
        raise TypeError(f"`{argument}` must be a Connection, not {type(connection).__name__}: {connection!r:.80}")
    return connection.id
