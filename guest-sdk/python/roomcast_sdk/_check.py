"""Checks of the plugin's values. A wrong type would trap at the component boundary, without a line of the plugin in the
message, so it is found here, where the traceback still has the location."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from math import ceil, isfinite

from ._host_errors import InvalidArgument

Headers = list[tuple[str, str]]

MAX_U32 = 2**32 - 1


def as_text(argument: str, value: object) -> str:
    """A `str` that is valid Unicode: a lone surrogate, which can come from JSON, cannot be sent."""
    if not isinstance(value, str):
        raise TypeError(f"`{argument}` must be a str, not {type(value).__name__}: {value!r:.80}")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise InvalidArgument(argument, "contains a lone surrogate, which is not valid text") from None
    return value


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
