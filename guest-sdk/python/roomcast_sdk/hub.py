"""Operations on rooms. No call blocks, and none triggers a hook. Every client sees the effects of one instance in the
order of its calls."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ._check import as_text, whole
from ._host import host
from ._messages import Duplicates
from .connection import Connection, id_of
from .event import Event, as_event

__all__ = ["Duplicates", "Members", "broadcast", "broadcast_many", "count", "members"]


@dataclass(frozen=True)
class Members:
    """One page of a room's members."""

    members: list[Connection]
    """The members. Their order changes when one leaves."""
    total: int
    """The number of members in the room."""


def broadcast(room: str, event: Event | str, *, exclude: Connection | None = None) -> int:
    """Send an event to all members of a room, optionally except one. All members see events in the same order.

    Returns the number of receivers; 0 if the room does not exist.
    """
    return host().broadcast(as_text("room", room), as_event(event), _optional_id(exclude))


def broadcast_many(
    rooms: Iterable[str],
    event: Event | str,
    *,
    exclude: Connection | None = None,
    duplicates: Duplicates = Duplicates.DROP,
) -> int:
    """Send an event to all members of several rooms (at most 1,000). Returns the number of deliveries."""
    if isinstance(rooms, str):
        raise TypeError(f"`rooms` must be several names, not one str: {rooms!r:.80}")
    names = [as_text("rooms", room) for room in rooms]
    return host().broadcast_many(names, as_event(event), _optional_id(exclude), Duplicates(duplicates))


def members(room: str, *, offset: int = 0, limit: int = 1000) -> Members:
    """The members of a room, in pages of at most 1,000. Empty if the room does not exist."""
    ids, total = host().members(as_text("room", room), whole("offset", offset), whole("limit", limit))
    return Members([Connection(id) for id in ids], total)


def count(room: str) -> int:
    """The number of members in a room."""
    return host().count(as_text("room", room))


def _optional_id(connection: Connection | None) -> str | None:
    return None if connection is None else id_of("exclude", connection)
