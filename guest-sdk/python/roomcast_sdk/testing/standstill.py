"""Python's own clock follows the fake hub's while there is one: the functions of the module `time` are replaced.

A function that was imported by its name before (`from time import time`), and `datetime.now`, tell the real time.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from .._check import milliseconds
from .clock import Clock

_START_NS = 1_767_225_600_000_000_000
"""The wall-clock time at which a hub starts, 2026-01-01T00:00:00Z, in nanoseconds since 1970."""
_MONOTONIC_START_NS = 1_000_000_000_000
"""Some time after the start of the machine."""
_NS = 1_000_000_000

_running: Clock | None = None


def begin(clock: Clock) -> None:
    """From now on, time is this clock's."""
    global _running
    _running = clock
    for name, function in _FAKES.items():
        setattr(time, name, function)


def end() -> None:
    """Real time again."""
    global _running
    _running = None
    for name, function in _REAL.items():
        setattr(time, name, function)


def _time_ns() -> int:
    return _REAL["time_ns"]() if _running is None else _START_NS + _running.now * 1_000_000


def _monotonic_ns() -> int:
    return _REAL["monotonic_ns"]() if _running is None else _MONOTONIC_START_NS + _running.now * 1_000_000


def _sleep(seconds: float) -> None:
    """Time passes; no hook is called meanwhile."""
    if _running is None:
        _REAL["sleep"](seconds)
    else:
        _running.now += milliseconds("seconds", seconds)


# A module that outlives the hub may keep one of these, so each works without a hub, too.
_FAKES: dict[str, Callable[..., object]] = {
    "time_ns": _time_ns,
    "time": lambda: _time_ns() / _NS,
    "monotonic_ns": _monotonic_ns,
    "monotonic": lambda: _monotonic_ns() / _NS,
    "perf_counter_ns": _monotonic_ns,
    "perf_counter": lambda: _monotonic_ns() / _NS,
    "sleep": _sleep,
}
_REAL = {name: getattr(time, name) for name in _FAKES}
