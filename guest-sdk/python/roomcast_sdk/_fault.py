"""Exceptions that a hook does not catch and that are no refusal: a fault of the plugin, or an error of the host. Clients can
send anything, so such an exception costs only the current call, and the instance keeps its state. One record in the log has
its text and place; the client or publisher gets 500, or 503 for a limit of the host."""

from __future__ import annotations

import functools
import linecache
import logging
import os
import re
import traceback
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Concatenate, ParamSpec, TypeVar

from . import log
from .errors import HostError, LimitExceeded, Refusal, Rejection
from .hooks import Hook

P = ParamSpec("P")
R = TypeVar("R")

Hooks = dict[str, Hook]

FAILED = "the plugin has failed"
BUSY = "the server is busy: try again later"

_SDK = os.path.dirname(__file__)
# Not that of `os`, which is frozen: a component has no path of its own for it.
_LIBRARY = os.path.dirname(traceback.__file__)
SOURCE = "/source"
"""Where a component of `roomcast dev` finds the plugin's source."""
_MOUNT = re.compile(rf"/\d+/|{SOURCE}/")
"""Where componentize-py mounts the folders with Python code, or `roomcast dev` the source."""
_MAX_CALLERS = 8
_MAX_CAUSES = 4


def answered(
    name: str,
) -> Callable[[Callable[Concatenate[Hooks, P], R]], Callable[Concatenate[Hooks, P], R | Rejection]]:
    """Decorates a function that calls the hook of this name, which has an answer: after an exception it is a rejection."""

    def decorate(call: Callable[Concatenate[Hooks, P], R]) -> Callable[Concatenate[Hooks, P], R | Rejection]:
        @functools.wraps(call)
        def guarded(hooks: Hooks, /, *arguments: P.args, **named: P.kwargs) -> R | Rejection:
            try:
                return call(hooks, *arguments, **named)
            except Exception as error:
                _report(hooks, name, error)
                return Rejection(503, BUSY) if isinstance(error, LimitExceeded) else Rejection(500, FAILED)

        return guarded

    return decorate


def unanswered(
    name: str,
) -> Callable[[Callable[Concatenate[Hooks, P], None]], Callable[Concatenate[Hooks, P], None]]:
    """Decorates a function that calls the hook of this name, which has no answer."""

    def decorate(call: Callable[Concatenate[Hooks, P], None]) -> Callable[Concatenate[Hooks, P], None]:
        @functools.wraps(call)
        def guarded(hooks: Hooks, /, *arguments: P.args, **named: P.kwargs) -> None:
            try:
                call(hooks, *arguments, **named)
            except Exception as error:
                _report(hooks, name, error)

        return guarded

    return decorate


def write(name: str, error: BaseException) -> None:
    """Write it to the log, as one record."""
    try:
        text = describe(error)
    except BaseException:
        # Out of memory or stack: log a shorter text.
        text = type(error).__name__
    log.write(logging.ERROR, name, text)


def describe(error: BaseException) -> str:
    """The exception and its causes on one line, with the places in the plugin's own code."""
    described = "; caused by ".join(_one(link) for link in islice(_causes(error), _MAX_CAUSES))
    return " ".join(described.split())


def _report(hooks: Hooks, name: str, error: Exception) -> None:
    """An exception of `on_error` ends the instance."""
    if "on_error" in hooks and not isinstance(error, (HostError, Refusal)):
        hooks["on_error"](error, name)
    else:
        write(name, error)


def _causes(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    while link is not None:
        yield link
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)


def _one(error: BaseException) -> str:
    text = f"{type(error).__name__}: {error}".removesuffix(": ")
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith(_SDK)]
    own = [frame for frame in frames if _is_own(frame.filename)] or frames
    if own:
        line = linecache.getline(own[-1].filename, own[-1].lineno or 0).strip()
        text += f", at {_place(own[-1])}" + (f" `{line}`" if line else "")
    # Once for each place: a recursion has the same one again and again.
    callers = dict.fromkeys(map(_place, reversed(own[:-1])))
    return text + "".join(f", called at {place}" for place in islice(callers, _MAX_CALLERS))


def _is_own(path: str) -> bool:
    """Whether a file is neither Python's library nor a package."""
    return not path.startswith((_LIBRARY, "<")) and "site-packages" not in path


def _place(frame: traceback.FrameSummary) -> str:
    mount = _MOUNT.match(frame.filename)
    file = frame.filename[mount.end() :] if mount else os.path.basename(frame.filename)
    return f"{file}:{frame.lineno} in {frame.name}"
