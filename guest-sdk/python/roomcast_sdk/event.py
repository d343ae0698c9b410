"""`Event`: an event of a stream."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from ._check import as_text, whole
from ._identified import Identified


@dataclass(frozen=True)
class Event:
    """One server-sent event, for example `Event("hello")`. A plain `str` is accepted wherever an event is.

    It is immutable: `dataclasses.replace(event, data="...")` makes a changed copy.
    """

    data: str
    """The payload. Any text; each CR, LF or CRLF in it ends a line, and the receiver sees the lines joined by LF."""
    event: str | None = field(default=None, kw_only=True)
    """The event's type, which clients pass to `addEventListener`. None means `message`. No CR, LF or NUL."""
    id: str | None = field(default=None, kw_only=True)
    """The client's new last event id. An empty string resets it. No control characters, at most 1 KiB. A browser that
    reconnects to another origin sends a CORS preflight first unless the id has at most 128 bytes of `A-Z a-z 0-9`, space
    and `* , - . ; = _`."""
    retry_ms: int | None = field(default=None, kw_only=True)
    """The client's new reconnection time in milliseconds, at least 500."""

    def __post_init__(self) -> None:
        if not isinstance(self.data, str):
            raise TypeError(
                f"an event's data is a str, not {type(self.data).__name__}: for JSON write Event.json({self.data!r:.40})"
            )
        for name in ("data", "event", "id"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, as_text(f"event.{name}", value))
        if self.retry_ms is not None:
            whole("event.retry_ms", self.retry_ms)

    @classmethod
    def json(cls, data: Any, *, event: str | None = None, id: str | None = None, retry_ms: int | None = None) -> Event:
        """An event whose payload is `data` as JSON, on one line. A `Connection` in it becomes its id.

        Raises `TypeError` or `ValueError` if `data` cannot be serialized.
        """
        return cls(to_json(data), event=event, id=id, retry_ms=retry_ms)


def to_json(data: Any) -> str:
    """`data` as compact JSON on one line."""
    return json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain)


def as_event(event: Event | str) -> Event:
    """Converts an argument to an event."""
    if isinstance(event, Event):
        return event
    if isinstance(event, str):
        return Event(event)
    raise TypeError(
        f"an event is an Event or a str, not {type(event).__name__}: for JSON write Event.json({event!r:.40})"
    )


def _plain(value: object) -> object:
    if isinstance(value, Identified):
        return value.id
    raise TypeError(f"{type(value).__name__} cannot be serialized as JSON: {value!r:.80}")
