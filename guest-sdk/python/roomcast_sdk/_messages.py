"""Plain data that is passed to and from the host."""

from __future__ import annotations

import json as _json
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from ._check import Headers
from .message import Body

Page = tuple[list[str], int, int | None]
"""Some members of a room by id, the number of all, and the place of the next page."""


class Duplicates(Enum):
    """What a connection gets that is a member of several of the rooms."""

    DROP = "drop"
    """The event once."""
    KEEP = "keep"
    """The event once for each of the rooms."""


@dataclass(frozen=True)
class Answer:
    """Another server's answer, with any status."""

    status: int
    content: bytes = b""
    headers: Headers = field(default_factory=list)
    """All headers, names in lower case."""

    @property
    def text(self) -> str:
        """The body as text; invalid UTF-8 becomes U+FFFD."""
        return self.content.decode(errors="replace")

    def json(self) -> Any:
        """The body parsed as JSON. Raises `ValueError` if it is invalid. The nesting depth is not limited."""
        return _json.loads(self.content)

    def header(self, name: str) -> str | None:
        """The first header of this name, ignoring case."""
        return next((value for key, value in self.headers if key == name.lower()), None)


@dataclass(frozen=True)
class HttpRequest:
    """A request, as passed to the host or, in a test, to the function that answers for other servers."""

    method: str
    url: str
    headers: Headers
    content: bytes
    timeout_ms: int | None


@dataclass(frozen=True)
class FetchRequest:
    """A request, as passed to the host."""

    method: str
    url: str
    headers: Headers
    body: Body
    connection: str | None
    timeout_ms: int | None
