"""Checks of the plugin's values. A wrong type would trap at the component boundary, without a line of the plugin in the
message, so it is found here, where the traceback still has the location."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from math import ceil, isfinite

Headers = list[tuple[str, str]]

MAX_U32 = 2**32 - 1
MAX_U64 = 2**64 - 1

_SURROGATE = re.compile("[\ud800-\udfff]")


def well_formed(text: str) -> str:
    """The text with U+FFFD in place of lone surrogates, which UTF-8 does not have: the component boundary would trap."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def as_text(argument: str, value: object) -> str:
    """A `str`, well-formed: JSON, for example, may contain a lone surrogate."""
    if not isinstance(value, str):
        raise TypeError(f"`{argument}` must be a str, not {type(value).__name__}: {value!r:.80}")
    return well_formed(value)


def as_bytes(argument: str, value: object) -> bytes:
    """Bytes, or a `str` as UTF-8."""
    if isinstance(value, str):
        return well_formed(value).encode()
    if isinstance(value, (bytes, bytearray)):
        return bytes(value)
    raise TypeError(f"`{argument}` must be bytes or a str, not {type(value).__name__}: {value!r:.80}")


def as_optional_text(argument: str, value: object) -> str | None:
    """As `as_text`, or None."""
    return None if value is None else as_text(argument, value)


def whole(argument: str, value: object, maximum: int = MAX_U32) -> int:
    """An `int` from 0 to `maximum`."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"`{argument}` must be an int, not {type(value).__name__}: {value!r:.80}")
    if not 0 <= value <= maximum:
        raise ValueError(f"`{argument}` must be from 0 to {maximum}, not {value}")
    return value


def milliseconds(argument: str, delay: object) -> int:
    """Seconds, or a `timedelta`, as milliseconds, rounded up."""
    seconds = delay.total_seconds() if isinstance(delay, timedelta) else delay
    if not isinstance(seconds, (int, float)) or isinstance(seconds, bool):
        raise TypeError(f"`{argument}` must be seconds or a timedelta, not {type(delay).__name__}: {delay!r:.80}")
    if not isfinite(seconds) or seconds < 0:
        raise ValueError(f"`{argument}` must not be negative, but is {seconds}")
    # Round to microseconds first: 0.1 * 1000 is slightly more than 100.
    return ceil(round(seconds * 1000, 3))


def status_in(status: object, rule: str, *ranges: tuple[int, int]) -> int:
    """A status in one of the ranges."""
    if not isinstance(status, int) or isinstance(status, bool):
        raise TypeError(f"`status` must be an int, not {type(status).__name__}: {status!r:.80}")
    if not any(low <= status <= high for low, high in ranges):
        raise ValueError(f"{rule}, not {status}")
    return status


def header_list(headers: Mapping[str, str] | Iterable[tuple[str, str]]) -> Headers:
    """Headers as pairs, the names in lower case."""
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    return [(as_text("header name", name).lower(), as_text(f"header {name}", value)) for name, value in pairs]
