"""`Room`: a room by its name."""

from __future__ import annotations

from typing import Any

from . import _state


class Room:
    """A room, made by `hub.room`. Plain data: it need not exist."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    def state(self) -> Any:
        """A value of yours for this room, as long as it has members; None before the first time.

        Any JSON value. The SDK saves and restores it, and removes it with the room's last member; see `Connection.state`.
        Raises `ValueError` when it is assigned to a room without members.
        """
        return _state.values().rooms.get(self.name)

    @state.setter
    def state(self, value: Any) -> None:
        _state.set_room(self.name, value)

    def __eq__(self, other: object) -> bool:
        return self.name == other.name if isinstance(other, Room) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"Room({self.name!r})"
