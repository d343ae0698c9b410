"""What comes up with a message, and goes back: `Body` and `Response`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from ._check import Headers, as_text, header_list, status_in
from .errors import Refusal
from .event import to_json

_MAX_DEPTH = 64
_BRACKET_OR_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}]', re.DOTALL)


@dataclass(frozen=True)
class Body:
    """What a client has sent."""

    data: str | bytes
    """Text whenever it is UTF-8, otherwise bytes."""

    @property
    def text(self) -> str:
        """The body as text. Raises `Refusal`, which answers 400, when it is binary."""
        if isinstance(self.data, str):
            return self.data
        raise Refusal("the body must be text in UTF-8")

    @property
    def content(self) -> bytes:
        """The body's bytes."""
        return self.data.encode() if isinstance(self.data, str) else self.data

    def json(self) -> Any:
        """The body read as JSON. Raises `Refusal`, which answers 400 with what is wrong, when it is none.

        Use it instead of `json.loads`: that one follows any nesting, and a client that sends 100,000 brackets would end
        the instance. This one follows 64 levels, and takes no `NaN` and `Infinity`, which are not JSON.
        """
        text = self.text
        if text.count("[") + text.count("{") > _MAX_DEPTH and _depth(text) > _MAX_DEPTH:
            raise Refusal(f"not JSON that is taken here: it is nested deeper than {_MAX_DEPTH} levels")
        try:
            return json.loads(text, parse_constant=_no_constant)
        except ValueError as why:
            raise Refusal(f"not JSON: {why}") from None


@dataclass(frozen=True, init=False)
class Response:
    """The answer to a message. A hook may also return a `str`, which is a 200 with that text, or None: 202, taken."""

    status: int
    """200 to 599; or 100, which passes the message on to the next plugin of the chain (see `PASS`)."""
    body: str | bytes
    """The body. Bytes that are UTF-8 go out as text."""
    headers: Headers
    """The headers, names in lower case. The host refuses those that it controls itself, such as `content-length`."""

    def __init__(
        self,
        status: int = 200,
        body: str | bytes = "",
        headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
    ) -> None:
        rule = "a response's status is 200 to 599, or 100 to pass the message on"
        object.__setattr__(self, "status", status_in(status, rule, (100, 100), (200, 599)))
        object.__setattr__(self, "body", body if isinstance(body, bytes) else as_text("body", body))
        object.__setattr__(self, "headers", header_list(headers))

    @classmethod
    def json(cls, data: Any, status: int = 200) -> Response:
        """An answer with the JSON of `data`."""
        return cls(status, to_json(data), {"content-type": "application/json"})


PASS = Response(100)
"""Return it from `on_message` to leave the message to the next plugin of the chain."""

ACCEPTED = Response(202)
"""Taken, and what it leads to comes by the stream. What `on_message` answers when it returns None."""


def _depth(text: str) -> int:
    depth = deepest = 0
    for token in _BRACKET_OR_STRING.finditer(text):
        if token[0] in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif token[0] in "]}":
            depth -= 1
    return deepest


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
