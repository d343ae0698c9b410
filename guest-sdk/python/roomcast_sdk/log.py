"""The standard `logging`, on its way to the host's log.

Nothing has to be set up: every record of every logger goes to the host, which adds the plugin's name and the connection
that the call is about, and leaves out what is below its `log.level`. The logger's name becomes the record's `origin`.
"""

from __future__ import annotations

import logging
import re

from . import _host
from ._check import well_formed

TRACE = 5
"""A level below `logging.DEBUG`, which the host knows as `trace`."""


# componentize-py mounts the folders with Python code as /0, /1 and so on while it builds, `roomcast dev` as /source.
_MOUNT = re.compile(r'^( *File ")/(?:\d+|source)/')


class HostHandler(logging.Handler):
    """Hands records to the host, each line as one."""

    def emit(self, record: logging.LogRecord) -> None:
        host = _host.present()
        if host is None:
            return
        try:
            text = self.format(record)
        except Exception:
            # As the standard library's handlers: a wrong argument of a log call is no reason to fail.
            self.handleError(record)
            return
        write(record.levelno, record.name, text)


def write(level: int, context: str, text: str) -> None:
    """Hand a text to the host line by line: a line break within one record would be shown as `\\n`."""
    host = _host.host()
    context = "" if context == "root" else context
    for line in text.splitlines() or [""]:
        host.log(level, well_formed(context), well_formed(_MOUNT.sub(r"\1", line)))


_handler = HostHandler()


def install() -> None:
    """From now on all records go to the host."""
    logging.addLevelName(TRACE, "TRACE")
    root = logging.getLogger()
    if _handler not in root.handlers:
        root.addHandler(_handler)
        # The host chooses what is shown; the level of the root logger would be a second place to look at.
        root.setLevel(1)


def remove() -> None:
    """Back to what it was."""
    root = logging.getLogger()
    if _handler in root.handlers:
        root.removeHandler(_handler)
        root.setLevel(logging.WARNING)
