"""A fault of the plugin: an exception that is no answer. The log gets its traceback, in the words of the author's own
files, and the instance ends, as one that traps does: what it was about to do is half done, so the host starts a fresh
one, goes back to the last checkpoint, and counts the failure, after some of which it takes the version back."""

from __future__ import annotations

import linecache
import logging
import os
import re
import sys
import traceback
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from typing import Any, NoReturn

from componentize_py_types import Err

from .. import log

_SDK = os.path.dirname(os.path.dirname(__file__))


def guarded(hook: Callable[..., Any]) -> Callable[..., Any]:
    """The same hook, with a fault in it told and fatal."""

    def call(self: object, *arguments: Any) -> Any:
        try:
            return hook(self, *arguments)
        except Err:
            raise
        except BaseException as fault:
            _end(hook.__name__, fault)

    return call


def keep_sources() -> None:
    """Keep the author's source text, for tracebacks that show it: a component has no files. Done while it is built."""
    for module in list(sys.modules.values()):
        path = getattr(module, "__file__", None)
        if path and re.match(r"/\d+/.*\.py$", path) and not path.startswith(_SDK):
            lines = linecache.getlines(path)
            # Without a time of change, no file is looked for.
            linecache.cache[path] = (sum(map(len, lines)), None, lines, path)


def describe(fault: BaseException) -> str:
    """The traceback, without this package's own functions."""
    told = traceback.TracebackException.from_exception(fault)
    link: traceback.TracebackException | None = told
    while link is not None:
        link.stack[:] = [frame for frame in link.stack if not frame.filename.startswith(_SDK)]
        link = link.__cause__ or link.__context__
    return "".join(told.format()).rstrip()


def refuse_late_imports() -> None:
    """What is not imported when the component is built cannot be imported any more: say so, and what to do."""
    sys.meta_path.append(_LateImport())


class _LateImport:
    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        raise ModuleNotFoundError(
            f"No module named {name!r}: a component can import only what it was built with. If Python has it, write "
            f"`import {name}` at the top of your plugin's file",
            name=name,
        )


def _end(hook: str, fault: BaseException) -> NoReturn:
    try:
        text = describe(fault)
    except BaseException:
        # Out of memory, or out of stack: shorter then.
        text = type(fault).__name__
    log.write(logging.ERROR, hook, text)
    os.abort()
