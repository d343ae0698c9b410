"""What the instance does not survive: an exception of `on_error`, or an exit. It is logged, and the instance ends as by a
trap: the host starts a new one from the last checkpoint."""

from __future__ import annotations

import linecache
import os
import re
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from typing import Any, NoReturn

from componentize_py_types import Err

from .. import _fault

_SDK = os.path.dirname(os.path.dirname(__file__))


def guarded(hook: Callable[..., Any]) -> Callable[..., Any]:
    """The same hook; an exception ends the instance, after a record in the log."""

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
    _fault.write(hook, fault)
    os.abort()
