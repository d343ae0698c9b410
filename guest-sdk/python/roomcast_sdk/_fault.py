"""A plugin failure: an exception that is not an answer. Clients can send anything, so it fails only the current call and
the instance keeps its state: the traceback is logged, and the client gets status 500, which the host counts."""

from __future__ import annotations

import functools
import logging
import os
import traceback
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

from . import log
from .hooks import Hook

P = ParamSpec("P")
R = TypeVar("R")

Hooks = dict[str, Hook]

TOLD = "the plugin has failed"
"""The text for clients."""

_SDK = os.path.dirname(__file__)


def survived(
    name: str, answer: Callable[[], Any]
) -> Callable[[Callable[Concatenate[Hooks, P], R]], Callable[Concatenate[Hooks, P], R]]:
    """Decorates a function that calls the hook of this name: failures are logged and answered with this."""

    def decorate(call: Callable[Concatenate[Hooks, P], R]) -> Callable[Concatenate[Hooks, P], R]:
        @functools.wraps(call)
        def guarded(hooks: Hooks, /, *arguments: P.args, **named: P.kwargs) -> R:
            try:
                return call(hooks, *arguments, **named)
            except Exception as fault:
                _tell(hooks, name, fault)
                return answer()  # type: ignore[no-any-return]

        return guarded

    return decorate


def write(name: str, fault: BaseException) -> None:
    """Write it to the log."""
    try:
        text = describe(fault)
    except BaseException:
        # Out of memory or stack: log a shorter text.
        text = type(fault).__name__
    log.write(logging.ERROR, name, text)


def describe(fault: BaseException) -> str:
    """The traceback, without this package's own functions."""
    told = traceback.TracebackException.from_exception(fault)
    link: traceback.TracebackException | None = told
    while link is not None:
        link.stack[:] = [frame for frame in link.stack if not frame.filename.startswith(_SDK)]
        link = link.__cause__ or link.__context__
    return "".join(told.format()).rstrip()


def _tell(hooks: Hooks, name: str, fault: Exception) -> None:
    """An exception of `on_error` ends the instance."""
    if "on_error" in hooks:
        hooks["on_error"](fault, name)
    else:
        write(name, fault)
