"""Prepares the build of a plugin: `python -m roomcast_sdk._build PROJECT OUT`.

Runs the plugin's file with the local Python, so that mistakes are found within a second and with a normal traceback, and
writes to OUT what componentize-py needs: `world.wit`, which exports the hooks that the file has, and `roomcast_entry.py`,
the component's entry point.
"""

from __future__ import annotations

import _thread
import ast
import importlib
import signal
import sys
import traceback
from pathlib import Path
from threading import Timer
from types import TracebackType

from .hooks import HookError, check_set, interfaces, plugin

PLUGIN = "plugin"
"""The module that receives the host's calls."""

CONTRACT = "0.1.0"

MAX_SECONDS = 60.0
"""How long the plugin's file may run."""

_SOCKETS = {"aiohttp", "httpx", "requests", "urllib3", "websockets"}
"""Packages that need sockets, which a component does not have."""

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


def main(project: Path, out: Path) -> None:
    """Write the files, and print the interfaces that the component will export."""
    if not (project / f"{PLUGIN}.py").is_file():
        sys.exit(f"error: there is no {PLUGIN}.py in {project}: that is the file with your hooks")
    sys.path.insert(0, str(project))
    before = set(sys.modules)
    _load()
    exports = interfaces(plugin._hooks)
    grants = [grant for grant in GRANTABLE if f"roomcast_sdk.{grant}" in sys.modules]
    if "fetch" in grants and "fetch-events" not in exports:
        sys.exit("error: `fetch` is imported, but no hook receives its answers: add @plugin.on_chunk, @plugin.on_end")
    files = [getattr(sys.modules[name], "__file__", None) for name in set(sys.modules) - before]
    own = [path for path in map(Path, filter(None, files)) if _is_of(project, path)]
    out.mkdir(parents=True, exist_ok=True)
    (out / "world.wit").write_text(world(exports, grants))
    (out / "roomcast_entry.py").write_text(entry(late_imports(own)))
    for package in native_packages(set(sys.modules) - before):
        print(f"note: {package} has native code, which a component cannot run: it must work without", file=sys.stderr)


def world(exports: list[str], grantable: list[str]) -> str:
    """The world of a component with these exports and capabilities."""
    lines = [*ALWAYS]
    lines += [line for name in grantable for line in GRANTABLE[name]]
    lines += [f"export roomcast:plugin/{name}@{CONTRACT}" for name in exports]
    body = "".join(f"  {line};\n" for line in lines)
    return f"package roomcast:python;\n\nworld component {{\n{body}}}\n"


def entry(late: list[str]) -> str:
    """The component's entry point. A component cannot import modules after it is built, so this imports what the plugin
    imports within functions."""
    lines = ["# Written by the build.", f"import {PLUGIN}"]
    for name in late:
        lines += ["try:", f"    import {name}", "except ImportError:", "    pass"]
    lines.append("from roomcast_sdk._component.exports import *")
    return "\n".join(lines) + "\n"


def late_imports(paths: list[Path]) -> list[str]:
    """The modules that functions in these files import."""
    names: set[str] = set()
    for path in paths:
        for function in ast.walk(ast.parse(path.read_bytes(), str(path))):
            if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                for node in ast.walk(function):
                    if isinstance(node, ast.Import):
                        names.update(alias.name for alias in node.names)
                    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                        names.add(node.module)
    return sorted(names)


def native_packages(modules: set[str]) -> list[str]:
    """The pip packages among these that include a native library."""
    files = {name: getattr(sys.modules[name], "__file__", None) or "" for name in modules}
    return sorted(
        {
            name.partition(".")[0]
            for name, file in files.items()
            if file.endswith((".so", ".pyd")) and "site-packages" in Path(file).parts
        }
    )


def _load() -> None:
    """Run the plugin's file. Exits with what is wrong with it."""
    # Where SIGINT is ignored, as in a background job, nothing would be interrupted.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    limit = Timer(MAX_SECONDS, _thread.interrupt_main)
    limit.daemon = True
    limit.start()
    try:
        importlib.import_module(PLUGIN)
        limit.cancel()
        check_set(plugin._hooks)
    except HookError as why:
        sys.exit(f"error: {why}")
    except SyntaxError:
        sys.exit(f"error: {traceback.format_exc(limit=0).strip()}")
    except BaseException as why:
        # Leave out the frames of the import machinery and of this file.
        trace = why.__traceback__
        while trace is not None and _is_machinery(trace):
            trace = trace.tb_next
        hint = ""
        if isinstance(why, ModuleNotFoundError):
            hint = _hint(why)
        elif isinstance(why, KeyboardInterrupt) and not limit.is_alive():
            hint = f"\nhint: {PLUGIN}.py has run for {MAX_SECONDS:g} s without coming to its end: is there an endless loop?"
        sys.exit("error: " + "".join(traceback.format_exception(type(why), why, trace)).rstrip() + hint)


def _hint(why: ModuleNotFoundError) -> str:
    if why.name in _SOCKETS:
        instead = "use roomcast_sdk.fetch or roomcast_sdk.http"
        return f"\nhint: {why.name} needs sockets, which a component does not have: {instead}"
    return (
        f"\nhint: if `{why.name}` is a package, add it to requirements.txt and run "
        "`.venv/bin/pip install -r requirements.txt`; it has to be pure Python"
    )


def _is_machinery(trace: TracebackType) -> bool:
    file = trace.tb_frame.f_code.co_filename
    return "importlib" in file or file == __file__


def _is_of(project: Path, path: Path) -> bool:
    """Whether a file belongs to the plugin."""
    if path.suffix != ".py" or not path.is_relative_to(project):
        return False
    return not {".venv", "site-packages", "roomcast_sdk"} & set(path.parts)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]))
