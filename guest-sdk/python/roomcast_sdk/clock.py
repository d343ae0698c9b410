"""The time. In a unit test the `FakeHub` controls it: it stands still, and `advance` moves it.

The standard library's `time.time`, `time.monotonic` and their relatives follow the fake hub as well; `datetime.now` does
not, so use `clock.now` in its place.
"""

from __future__ import annotations

import time
from datetime import datetime, timezone

__all__ = ["monotonic", "now"]


def now() -> datetime:
    """The wall-clock time in UTC. `now().timestamp()` is in seconds since 1970. The machine's clock may be set back."""
    return datetime.fromtimestamp(time.time(), timezone.utc)


def monotonic() -> float:
    """Seconds of a clock that never goes back. Only differences mean something, and only within one instance."""
    return time.monotonic()
