"""`Request`: the head of a client's HTTP request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import parse_qsl

from ._check import Headers, header_list

_LAST_EVENT_ID = ("last_event_id", "lastEventId", "evs_last_event_id")
"""Query parameters that stand in for the header `Last-Event-ID`."""


class Head(Protocol):
    """What a request is read from: the host's resource or, in a test, a `MadeHead`."""

    def method(self) -> str: ...
    def path(self) -> str: ...
    def query(self) -> str | None: ...
    def header(self, name: str) -> str | None: ...
    def headers(self) -> Headers: ...
    def peer(self) -> str: ...
    def last_event_id(self) -> str | None: ...


class Request:
    """The head of a client's HTTP request. Each property is read from the host; what a plugin does not read costs nothing.

    It can be read only during the call of its hook. Afterwards each property raises `RuntimeError`.
    """

    __slots__ = ("_head", "_parameters")

    def __init__(self, head: Head) -> None:
        """A plugin gets its requests from the host; a test makes one with `Request.get` or `Request.post`."""
        self._head: Head | None = head
        self._parameters: list[tuple[str, str]] | None = None

    @property
    def method(self) -> str:
        """The method, for example `GET`."""
        return self._read().method()

    @property
    def path(self) -> str:
        """The path without the query, for example `/sse`."""
        return self._read().path()

    @property
    def query(self) -> str | None:
        """What follows the `?`, as sent (percent-encoded)."""
        return self._read().query()

    @property
    def headers(self) -> list[tuple[str, str]]:
        """All headers in the order received, names in lower case. What is not UTF-8 in a value is U+FFFD."""
        return self._read().headers()

    @property
    def peer(self) -> str:
        """The address of the peer, for example `127.0.0.1:51234`."""
        return self._read().peer()

    @property
    def last_event_id(self) -> str | None:
        """The id of the last event that a reconnecting client has seen."""
        return self._read().last_event_id()

    def header(self, name: str) -> str | None:
        """The first header of this name, ignoring case."""
        return self._read().header(name)

    def parameter(self, name: str) -> str | None:
        """The first query parameter of this name, decoded: `+` is a space, `%XX` a byte, and what is not UTF-8 then
        becomes U+FFFD."""
        return next((value for key, value in self.parameters() if key == name), None)

    def parameters(self) -> list[tuple[str, str]]:
        """All query parameters in their order, names and values decoded as in `parameter`."""
        head = self._read()
        if self._parameters is None:
            self._parameters = _decoded(head.query())
        return list(self._parameters)

    @classmethod
    def get(cls, target: str, headers: Mapping[str, str] | None = None, *, peer: str = "127.0.0.1:51234") -> Request:
        """A GET of this path, with or without a query, for tests."""
        return cls(_made("GET", target, headers or {}, peer))

    @classmethod
    def post(cls, target: str, headers: Mapping[str, str] | None = None, *, peer: str = "127.0.0.1:51234") -> Request:
        """A POST to this path, with or without a query, for tests."""
        return cls(_made("POST", target, headers or {}, peer))

    def _read(self) -> Head:
        if self._head is None:
            raise RuntimeError(
                "a request can be read only during the call of its hook: read what you need there, and keep that"
            )
        return self._head

    def _end(self) -> None:
        """The call has returned."""
        self._head = None


@dataclass(frozen=True)
class MadeHead:
    """The head of a request that a test makes."""

    _method: str
    _path: str
    _query: str | None
    _headers: Headers
    _peer: str

    def method(self) -> str:
        return self._method

    def path(self) -> str:
        return self._path

    def query(self) -> str | None:
        return self._query

    def header(self, name: str) -> str | None:
        wanted = name.lower()
        return next((value for key, value in self._headers if key == wanted), None)

    def headers(self) -> Headers:
        return list(self._headers)

    def peer(self) -> str:
        return self._peer

    def last_event_id(self) -> str | None:
        named = dict(reversed(_decoded(self._query)))
        values = (self.header("last-event-id"), *(named.get(name) for name in _LAST_EVENT_ID))
        return next((value for value in values if value is not None), None)


def _made(method: str, target: str, headers: Mapping[str, str], peer: str) -> MadeHead:
    path, mark, query = target.partition("?")
    return MadeHead(method, path, query if mark else None, header_list(headers), peer)


def _decoded(query: str | None) -> list[tuple[str, str]]:
    return parse_qsl(query or "", keep_blank_values=True, errors="replace")
