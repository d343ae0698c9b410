"""Have `on_timer` called later. Timers go on by themselves when the plugin is reloaded.

A plugin has at most 1,000 at once, and needs a function with `@plugin.on_timer`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from ._check import MAX_U32, as_text, milliseconds
from ._host import host
from .errors import InvalidArgument

__all__ = ["Timer", "after", "every"]


@dataclass(frozen=True)
class Timer:
    """A timer."""

    id: int

    def cancel(self) -> bool:
        """Cancel the timer. False if it has already ended."""
        return host().cancel_timer(self.id)


def after(delay: float | timedelta, token: str) -> Timer:
    """Have `on_timer` called once with `token` (at most 1 KiB) after `delay`, in seconds, rounded up to milliseconds.

    Raises `InvalidArgument` when the delay is 0 or above some 49 days, the token is too long, or the plugin has no
    `on_timer`; `LimitExceeded` when there are too many timers.
    """
    return Timer(host().set_timer(_delay(delay), False, as_text("token", token)))


def every(period: float | timedelta, token: str) -> Timer:
    """Have `on_timer` called with `token` every `period`, in seconds, until the timer is cancelled.

    A firing that falls behind is skipped, not made up for. Raises what `after` does.
    """
    return Timer(host().set_timer(_delay(period), True, as_text("token", token)))


def _delay(delay: float | timedelta) -> int:
    whole = milliseconds("delay", delay)
    if whole > MAX_U32:
        raise InvalidArgument(
            "delay-ms", "is at most 4,294,967,295: set a shorter timer, and set it again when it fires"
        )
    return whole
