"""Operations on rooms. No call blocks, and none triggers a hook. Every client sees the effects of one instance in the
order of its calls."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ._check import MAX_U64, as_text, whole
from ._host import host
from ._messages import Duplicates
from .connection import Connection, id_of
from .event import Event, as_event
from .room import Room

__all__ = ["Duplicates", "Members", "Room", "all_members", "broadcast", "broadcast_many", "count", "members", "room"]

MAX_PAGE = 1000


@dataclass(frozen=True)
class Members:
    """One page of a room's members."""

    members: list[Connection]
    """The members, in no particular order."""
    total: int
    """The number of members in the room."""
    next: int | None = None
    """Where the next page begins; None after the last."""


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


def members(room: str, *, at: int | None = None, limit: int = MAX_PAGE) -> Members:
    """One page of a room's members, at most `limit` (1 to 1,000). Empty if the room does not exist.

    The first page has no `at`; for each further one it is `next` of the page before. A member that stays in the room from
    the first page to the last is never left out; it may appear twice if others leave between two pages.
    """
    place = None if at is None else whole("at", at, MAX_U64)
    ids, total, following = host().members(as_text("room", room), place, whole("limit", limit))
    return Members([Connection(id) for id in ids], total, following)


def all_members(room: str) -> list[Connection]:
    """All members of a room, each once. Empty if the room does not exist."""
    found: dict[Connection, None] = {}
    page = members(room)
    found.update(dict.fromkeys(page.members))
    while page.next is not None:
        page = members(room, at=page.next)
        found.update(dict.fromkeys(page.members))
    return list(found)


def count(room: str) -> int:
    """The number of members in a room."""
    return host().count(as_text("room", room))


def room(name: str) -> Room:
    """The room of this name, for its `state`. It need not exist."""
    return Room(as_text("name", name))


def _optional_id(connection: Connection | None) -> str | None:
    return None if connection is None else id_of("exclude", connection)
