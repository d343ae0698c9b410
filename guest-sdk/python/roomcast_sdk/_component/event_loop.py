"""`asyncio` in a component: an event loop without sockets, so `asyncio.run` works for code that waits for time alone. It
returns when all is done, and until then every other call of the plugin waits, as for `time.sleep`."""

from __future__ import annotations

import selectors
import sys
import time
from collections.abc import Mapping
from typing import Any, NoReturn

from .missing import NO_SOCKETS


class _NoFiles(selectors.BaseSelector):
    """Waits for time alone."""

    def register(self, *arguments: Any, **named: Any) -> NoReturn:
        raise OSError(NO_SOCKETS)

    def unregister(self, *arguments: Any, **named: Any) -> NoReturn:
        raise OSError(NO_SOCKETS)

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise RuntimeError("nothing is left that could wake this up: no call of the host comes during a hook")
        if timeout > 0:
            time.sleep(timeout)
        return []

    def get_map(self) -> Mapping[Any, Any]:
        return {}


def install() -> None:
    """Have `asyncio` make this loop, if the plugin has imported it."""
    if "asyncio" not in sys.modules:
        return
    from asyncio import events, selector_events

    class Loop(selector_events.BaseSelectorEventLoop):
        def __init__(self) -> None:
            super().__init__(_NoFiles())

        # The pipe would wake it up from other threads, and there are none.
        def _make_self_pipe(self) -> None: ...
        def _close_self_pipe(self) -> None: ...
        def _write_to_self(self) -> None: ...

    policy = getattr(events, "_get_event_loop_policy", None) or events.get_event_loop_policy
    setattr(type(policy()), "_loop_factory", Loop)  # noqa: B010
