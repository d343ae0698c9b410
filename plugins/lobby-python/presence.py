"""Who has come and gone, gathered for a moment and told once.

Telling each arrival to everybody would cost the square of their number: a room that 10,000 people enter would send
50 million events. So the first change starts a timer, and when it fires every changed room gets one event, of a bounded
size.
"""

import logging
from dataclasses import asdict, dataclass, field
from typing import Any

from roomcast_sdk import Event, HostError, hub, timers

log = logging.getLogger("presence")

# How long changes are gathered, in seconds.
GATHER = 0.25
# How many names each list of an event has.
MAX_NAMES = 20


@dataclass
class Change:
    """What has changed in one room."""

    joined: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    more: int = 0

    def note(self, name: str, names: list[str], opposite: list[str]) -> None:
        """Note a name in one list; somebody who has come and gone in between, or the other way round (a reconnect), has
        not changed anything."""
        if name in opposite:
            opposite.remove(name)
        elif len(names) < MAX_NAMES:
            names.append(name)
        else:
            self.more += 1


class Presence:
    """What has changed in which room since the last telling."""

    def __init__(self) -> None:
        self.changes: dict[str, Change] = {}
        self.running = False

    def joined(self, room: str, name: str) -> None:
        """Note that somebody has come into a room."""
        change = self.change(room)
        change.note(name, change.joined, change.left)

    def left(self, room: str, name: str) -> None:
        """Note that somebody has left a room."""
        change = self.change(room)
        change.note(name, change.left, change.joined)

    def tell(self) -> None:
        """Tell every changed room, once."""
        self.running = False
        changes, self.changes = self.changes, {}
        for room, change in sorted(changes.items()):
            if not (change.joined or change.left or change.more):
                continue
            try:
                data = {"room": room, "count": hub.count(room), **asdict(change)}
                hub.broadcast(room, Event.json(data, event="presence"))
            except HostError as why:
                log.warning("room %s was not told who has come and gone: %s", room, why)

    def change(self, room: str) -> Change:
        found = self.changes.setdefault(room, Change())
        self.start_timer()
        return found

    def start_timer(self) -> None:
        """Start the timer if there is something to tell and it does not run; a new instance begins without one."""
        if self.running or not self.changes:
            return
        try:
            timers.after(GATHER, "presence")
            self.running = True
        except HostError as why:
            log.warning("presence waits for the next change: %s", why)

    def save(self) -> Any:
        return {"changes": {room: asdict(change) for room, change in self.changes.items()}}

    def restore(self, saved: Any) -> None:
        self.changes = {room: Change(**change) for room, change in saved["changes"].items()}
        self.start_timer()
