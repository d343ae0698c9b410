"""Rooms as a whole. No call blocks, and none calls a hook; what one instance does is seen by every client in the order
of its calls."""

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
    """A part of a room's members."""

    members: list[Connection]
    """The members; their order changes when one leaves."""
    total: int
    """How many the room has in all."""


def broadcast(room: str, event: Event | str, *, exclude: Connection | None = None) -> int:
    """Send an event to every member of a room, except one if wished. All members see one order.

    Answers the number of receivers; 0 for a room that does not exist.
    """
    return host().broadcast(as_text("room", room), as_event(event), _optional_id(exclude))


def broadcast_many(
    rooms: Iterable[str],
    event: Event | str,
    *,
    exclude: Connection | None = None,
    duplicates: Duplicates = Duplicates.DROP,
) -> int:
    """Send an event to every member of several rooms (at most 1,000). Answers the number of deliveries."""
    if isinstance(rooms, str):
        raise TypeError(f"`rooms` must be several names, not one str: {rooms!r:.80}")
    names = [as_text("rooms", room) for room in rooms]
    return host().broadcast_many(names, as_event(event), _optional_id(exclude), Duplicates(duplicates))


def members(room: str, *, offset: int = 0, limit: int = 1000) -> Members:
    """The members of a room, page by page (at most 1,000 on one). Empty for a room that does not exist."""
    ids, total = host().members(as_text("room", room), whole("offset", offset), whole("limit", limit))
    return Members([Connection(id) for id in ids], total)


def count(room: str) -> int:
    """How many members a room has."""
    return host().count(as_text("room", room))


def _optional_id(connection: Connection | None) -> str | None:
    return None if connection is None else id_of("exclude", connection)
