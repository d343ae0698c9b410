"""`Request`: the head of a client's HTTP request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from ._check import header_list


@dataclass(frozen=True)
class Request:
    """The head of a client's HTTP request."""

    method: str
    """The method, for example `GET`."""
    path: str
    """The path without the query, for example `/sse`."""
    query: str | None = None
    """What follows the `?`, as sent (percent-encoded)."""
    headers: list[tuple[str, str]] = field(default_factory=list)
    """All headers in the order received, names in lower case. A value that is not UTF-8 is left out."""
    peer: str = "127.0.0.1:51234"
    """The address of the peer."""
    last_event_id: str | None = None
    """The id of the last event that a reconnecting client has seen."""

    def header(self, name: str) -> str | None:
        """The first header of this name, ignoring case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key == wanted), None)

    def parameter(self, name: str) -> str | None:
        """The first query parameter of this name, decoded: `+` is a space, `%XX` a byte, and what is not UTF-8 then
        becomes U+FFFD."""
        return next((value for key, value in self.parameters() if key == name), None)

    def parameters(self) -> list[tuple[str, str]]:
        """All query parameters in their order, names and values decoded as in `parameter`."""
        return parse_qsl(self.query or "", keep_blank_values=True, errors="replace")

    @classmethod
    def get(cls, target: str, headers: Mapping[str, str] | None = None) -> Request:
        """A GET of this path, with or without a query: for tests, since a plugin gets its requests from the host."""
        return _request(cls, "GET", target, headers or {})

    @classmethod
    def post(cls, target: str, headers: Mapping[str, str] | None = None) -> Request:
        """A POST to this path, with or without a query: for tests."""
        return _request(cls, "POST", target, headers or {})


def _request(cls: type[Request], method: str, target: str, headers: Mapping[str, str]) -> Request:
    path, mark, query = target.partition("?")
    pairs = header_list(headers)
    last_event_id = dict(pairs).get("last-event-id")
    return cls(method, path, query if mark else None, pairs, last_event_id=last_event_id)
