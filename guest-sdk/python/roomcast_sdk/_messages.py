"""What goes to the host and comes from it: plain data, below the functions that pass it on."""

from __future__ import annotations

import json as _json
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from ._check import Headers


class Duplicates(Enum):
    """What to do with a connection that is in several of the rooms."""

    DROP = "drop"
    """It gets the event once."""
    KEEP = "keep"
    """It gets the event once for each room that it is in."""


@dataclass(frozen=True)
class Answer:
    """What another server has answered, whatever its status."""

    status: int
    content: bytes = b""
    headers: Headers = field(default_factory=list)
    """All headers, names in lower case."""

    @property
    def text(self) -> str:
        """The body as text; what is not UTF-8 becomes U+FFFD."""
        return self.content.decode(errors="replace")

    def json(self) -> Any:
        """The body read as JSON. Raises `ValueError` when it is none. Trust the server: any nesting is followed."""
        return _json.loads(self.content)

    def header(self, name: str) -> str | None:
        """The first header of this name, in whatever case the name is given."""
        return next((value for key, value in self.headers if key == name.lower()), None)


@dataclass(frozen=True)
class HttpRequest:
    """A request, as it goes to the host, or in a test to the function that stands for the other servers."""

    method: str
    url: str
    headers: Headers
    content: bytes
    timeout_ms: int | None


@dataclass(frozen=True)
class FetchRequest:
    """A request, as it goes to the host."""

    method: str
    url: str
    headers: Headers
    body: str | bytes
    connection: str | None
    timeout_ms: int | None
