"""What comes with a message, and is answered: `Body`, `Response` and `PASS`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from math import isinf
from typing import Any, NoReturn

from ._check import Headers, as_bytes, header_list, status_in
from .errors import Refusal
from .event import to_json

_MAX_DEPTH = 64
_BRACKET_OR_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}]', re.DOTALL)


@dataclass(frozen=True, init=False)
class Body:
    """The bytes of a message, of an answer, or of a chunk of one. `Body("text")` encodes the text as UTF-8.

    What comes from outside is a `Body`: its text may be anything, and what is wrong with it is answered 400. What the plugin
    itself has kept, for `restore` or in `keyvalue`, is `bytes`.
    """

    content: bytes
    """The bytes."""

    def __init__(self, content: bytes | str = b"") -> None:
        object.__setattr__(self, "content", as_bytes("body", content))

    @property
    def text(self) -> str:
        """The body as text. Raises `Refusal`, which answers 400, if it is not UTF-8."""
        try:
            return self.content.decode()
        except UnicodeDecodeError:
            raise Refusal("the body must be text in UTF-8") from None

    @property
    def text_lossy(self) -> str:
        """The body as text, with U+FFFD in place of what is not UTF-8."""
        return self.content.decode(errors="replace")

    def json(self) -> Any:
        """The body parsed as JSON. Raises `Refusal`, which answers 400 with what is wrong, if it is invalid.

        Use it instead of `json.loads`, which has no bound on nesting. This one takes 64 levels, and neither `NaN` nor
        `Infinity`, which are not JSON, nor a number that would become one, such as 1e999.
        """
        text = self.text
        if text.count("[") + text.count("{") > _MAX_DEPTH and _depth(text) > _MAX_DEPTH:
            raise Refusal(f"not JSON that is taken here: it is nested deeper than {_MAX_DEPTH} levels")
        try:
            return json.loads(text, parse_constant=_no_constant, parse_float=_finite)
        except ValueError as why:
            raise Refusal(f"not JSON: {why}") from None


@dataclass(frozen=True, init=False)
class Response:
    """The answer to a message. A hook may also return a `str`, which is a 200 with that text, or None: 202, accepted."""

    status: int
    """200 to 599."""
    body: Body
    """The body. Without a header `content-type`, UTF-8 is sent as `text/plain`, anything else as
    `application/octet-stream`."""
    headers: Headers
    """The headers, names in lower case. The host refuses those that it controls itself, such as `content-length`, except
    for `connection: close`."""

    def __init__(
        self,
        status: int = 200,
        body: Body | bytes | str = b"",
        headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
    ) -> None:
        object.__setattr__(self, "status", status_in(status, "a response's status is 200 to 599", (200, 599)))
        object.__setattr__(self, "body", body if isinstance(body, Body) else Body(body))
        object.__setattr__(self, "headers", header_list(headers))

    @classmethod
    def json(cls, data: Any, status: int = 200) -> Response:
        """An answer with `data` as JSON."""
        return cls(status, to_json(data), {"content-type": "application/json"})


class Pass(Enum):
    """The type of `PASS`."""

    PASS = "pass"


PASS = Pass.PASS
"""Return it from `on_message` to leave the message to the next plugin of the chain."""

ACCEPTED = Response(202)
"""Accepted; results follow on the stream. What `on_message` answers when it returns None."""


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


def _finite(text: str) -> float:
    value = float(text)
    if isinf(value):
        raise ValueError(f"{text:.20} is too large")
    return value
