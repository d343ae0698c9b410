"""The fetches that are under way: the test is the server that answers them."""

from __future__ import annotations

from dataclasses import dataclass

from ..fetch import Outgoing


@dataclass(frozen=True)
class StartedFetch:
    """A fetch that a plugin has started."""

    id: int
    token: str
    request: Outgoing
    """The request to make."""


class Fetches:
    """Those under way, in the order in which they were started."""

    def __init__(self) -> None:
        self._under_way: dict[int, StartedFetch] = {}
        self._with_head: set[int] = set()
        self._last_id = 0

    def start(self, request: Outgoing, token: str) -> int:
        self._last_id += 1
        self._under_way[self._last_id] = StartedFetch(self._last_id, token, request)
        return self._last_id

    def cancel(self, id: int) -> bool:
        return self._under_way.pop(id, None) is not None

    def all(self) -> list[StartedFetch]:
        return list(self._under_way.values())

    def of(self, connection: str) -> list[StartedFetch]:
        """Those whose answer is for a connection."""
        return [fetch for fetch in self.all() if fetch.request.connection == connection]

    def has_head(self, fetch: StartedFetch) -> bool:
        """Whether the head of the answer has come. Raises when the fetch is over."""
        assert fetch.id in self._under_way, f"fetch {fetch.id} is not in flight: it has ended, or was cancelled"
        return fetch.id in self._with_head

    def head_comes(self, fetch: StartedFetch) -> None:
        assert not self.has_head(fetch), "the head of the answer has come already"
        self._with_head.add(fetch.id)
