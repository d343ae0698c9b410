"""Prepares the build of a plugin: `python -m roomcast_sdk._build PROJECT OUT`.

Examines the plugin, and writes to OUT what componentize-py needs: `world.wit`, which exports the hooks that the file has,
and `roomcast_entry.py`, the component's entry point.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from . import _sources
from ._examine import PLUGIN, Examined, examine

CONTRACT = "0.1.0"

ALWAYS = [
    f"include roomcast:plugin/imports@{CONTRACT}",
    "import wasi:logging/logging@0.1.0-draft",
    "import wasi:config/store@0.2.0-rc.1",
]
"""Imports that every plugin has."""

GRANTABLE = {
    "keyvalue": ["import wasi:keyvalue/store@0.2.0-draft2", "import wasi:keyvalue/atomics@0.2.0-draft2"],
    "fetch": [f"import roomcast:plugin/fetch@{CONTRACT}"],
    "http": ["include roomcast:python-http/http@0.1.0"],
}
"""Imports that a plugin has only if it imports this module of the SDK."""


_FIRST = "# Written by the build.\nimport roomcast_sdk._component.missing"


def main(project: Path, out: Path) -> None:
    """Write the files."""
    examined = examine(project)
    late = _sources.late_imports(examined.files)
    write(out, examined, [f"import {PLUGIN}", *tried(late), exports(examined)])


def write(out: Path, examined: Examined, entry: Iterable[str]) -> None:
    """Write the world, and the entry point of these lines."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "world.wit").write_text(world(examined.exports, examined.grants))
    (out / "roomcast_entry.py").write_text("\n".join([_FIRST, *entry]) + "\n")


def world(exports: list[str], grantable: list[str]) -> str:
    """The world of a component with these exports and capabilities."""
    lines = [*ALWAYS]
    lines += [line for name in grantable for line in GRANTABLE[name]]
    lines += [f"export roomcast:plugin/{name}@{CONTRACT}" for name in exports]
    body = "".join(f"  {line};\n" for line in lines)
    return f"package roomcast:python;\n\nworld component {{\n{body}}}\n"


def tried(modules: Iterable[str]) -> list[str]:
    """Lines that import modules, as far as they are there. A component cannot import modules after it is built, so its
    entry point imports what the plugin imports within functions."""
    return [line for name in modules for line in ("try:", f"    import {name}", "except ImportError:", "    pass")]


def exports(examined: Examined) -> str:
    """The lines that bring the component's exports into the entry point."""
    kept = "" if examined.keeps_values else "from roomcast_sdk import _state\n_state.exported = False\n"
    return kept + "from roomcast_sdk._component.exports import *"


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]))
