"""What the fake hub knows: connections, rooms, and what was sent."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from ..errors import ConnectionClosed, LimitExceeded, NoSuchConnection
from ..event import Event
from ..http import Answer, Outgoing
from ..reason import DisconnectReason
from . import rules
from .clock import Clock
from .fetches import Fetches

AUTO_JOIN_ROOM = "__all"


@dataclass(frozen=True)
class Record:
    """One line of the log."""

    level: int
    """One of `logging`'s levels."""
    context: str
    """The logger's name; empty for the root logger."""
    message: str


@dataclass(frozen=True)
class Broadcast:
    """One broadcast that the plugin, or a publisher, has made."""

    rooms: list[str]
    event: Event
    deliveries: int
    """How often it was delivered."""


@dataclass
class Client:
    """A connection that is open, or whose end the plugin has yet to be told."""

    rooms: list[str] = field(default_factory=list)
    tag: str | None = None
    ending: bool = False


@dataclass
class Inbox:
    """What a client has received, and its test not taken yet."""

    events: list[Event] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Ending:
    """A connection that has ended, why, and the rooms that it was in."""

    connection: str
    reason: DisconnectReason
    rooms: list[str]


class World:
    """Connections are given by id."""

    def __init__(self, config: dict[str, str]) -> None:
        self.config = config
        self.clock = Clock()
        self.fetches = Fetches()
        self.servers: Callable[[Outgoing], Answer] | None = None
        self.pairs: dict[str, bytes] = {}
        self.records: list[Record] = []
        self.broadcasts: list[Broadcast] = []
        self.rooms: dict[str, list[str]] = {}
        self.endings: deque[Ending] = deque()
        self.hooks: frozenset[str] = frozenset()
        self._clients: dict[str, Client] = {}
        self._inboxes: dict[str, Inbox] = {}
        self._opened = 0

    def open(self) -> str:
        """A new connection, in the auto-join room. Ids are the same in every run, and their first characters differ."""
        self._opened += 1
        connection = f"{self._opened * 0x9E3779B1 & 0xFFFFFFFF:08x}-0000-4000-8000-{self._opened:012x}"
        self._clients[connection] = Client()
        self.join(connection, AUTO_JOIN_ROOM)
        return connection

    def known(self, connection: str) -> Client:
        client = self._clients.get(connection)
        if client is None:
            raise NoSuchConnection
        return client

    def open_client(self, connection: str) -> Client:
        client = self.known(connection)
        if client.ending:
            raise ConnectionClosed
        return client

    def is_open(self, connection: str) -> bool:
        client = self._clients.get(connection)
        return client is not None and not client.ending

    def join(self, connection: str, room: str) -> None:
        client = self.open_client(connection)
        if room in client.rooms:
            return
        if len(client.rooms) == rules.MAX_ROOMS_PER_CONNECTION:
            raise LimitExceeded("limits.rooms_per_connection", "100 is reached: leave a room first")
        client.rooms.append(room)
        self.rooms.setdefault(room, []).append(connection)

    def leave(self, connection: str, room: str) -> bool:
        """Take a connection out of a room; whether it was in it."""
        client = self.known(connection)
        if room not in client.rooms:
            return False
        client.rooms.remove(room)
        members = self.rooms[room]
        # As the host does: the last one takes the place of the one who leaves.
        last = members.pop()
        if last != connection:
            members[members.index(connection)] = last
        if not members:
            del self.rooms[room]
        return True

    def begin_end(self, connection: str, reason: DisconnectReason) -> None:
        """Begin a connection's end: it is in no room any more and takes no events."""
        rooms = list(self.open_client(connection).rooms)
        for room in rooms:
            self.leave(connection, room)
        self.known(connection).ending = True
        self.endings.append(Ending(connection, reason, rooms))

    def forget(self, connection: str) -> None:
        """Forget a connection of which the plugin knows, or need not know, that it has ended."""
        del self._clients[connection]

    def turn_away(self, connection: str) -> None:
        """A connection that was not let in: its end is not told."""
        if self.is_open(connection):
            self.begin_end(connection, DisconnectReason.REJECTED)
        self.endings = deque(ending for ending in self.endings if ending.connection != connection)
        self.forget(connection)

    def members(self, room: str) -> list[str]:
        return self.rooms.get(room, [])

    def inbox(self, connection: str) -> Inbox:
        return self._inboxes.setdefault(connection, Inbox())

    def broadcast(self, rooms: list[str], event: Event, receivers: list[str]) -> int:
        """Deliver an event to each of the receivers in turn, and note the broadcast."""
        for receiver in receivers:
            self.inbox(receiver).events.append(event)
        self.broadcasts.append(Broadcast(rooms, event, len(receivers)))
        return len(receivers)
