"""Runs a plugin's file with the local Python, so that mistakes are found within a second and with a normal traceback, and
says what its component has to export and import."""

from __future__ import annotations

import _thread
import importlib
import signal
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from types import TracebackType

from . import _sources
from .hooks import HookError, check_set, interfaces, plugin

PLUGIN = "plugin"
"""The module that receives the host's calls."""

GRANTABLE = ("keyvalue", "fetch", "http")
"""Modules of the SDK for what an operator may grant."""

MAX_SECONDS = 60.0
"""How long the plugin's file may run."""

_SOCKETS = {"aiohttp", "httpx", "requests", "urllib3", "websockets"}
"""Packages that need sockets, which a component does not have."""

_INSTEAD = "needs sockets, which a component does not have: use roomcast_sdk.fetch or roomcast_sdk.http"

_NATIVE = {
    "_cffi_backend": "do without `cryptography`: pyjwt then has HS256, HS384 and HS512",
    "numpy": "use lists and `math`",
    "orjson": "use `json`",
    "pydantic_core": "write `pydantic<2` in requirements.txt",
    "rpds": "write `jsonschema<4.18` in requirements.txt",
    "ujson": "use `json`",
}
"""What to do about packages that do not work without their native code."""


@dataclass(frozen=True)
class Examined:
    """What is known of a plugin after its file has run."""

    exports: list[str]
    """The interfaces of the contract that it exports."""
    grants: list[str]
    """Those of `GRANTABLE` that it imports."""
    files: list[Path]
    """The plugin's own files."""
    modules: set[str]
    """All modules that it has imported, at any depth."""

    @property
    def keeps_values(self) -> bool:
        """Whether it exports what `connection.state` depends on."""
        return {"state", "disconnect"} <= set(self.exports)


def examine(project: Path) -> Examined:
    """Run the plugin's file. Exits with what is wrong with it."""
    if not (project / f"{PLUGIN}.py").is_file():
        sys.exit(f"error: there is no {PLUGIN}.py in {project}: that is the file with your hooks")
    sys.path.insert(0, str(project))
    before = set(sys.modules)
    _load()
    modules = set(sys.modules) - before
    own = _sources.own_files(project, modules)
    exports = interfaces(set(plugin._hooks) | _sources.hooks_of_values(own))
    grants = [grant for grant in GRANTABLE if f"roomcast_sdk.{grant}" in sys.modules]
    if "fetch" in grants and "fetch-events" not in exports:
        sys.exit("error: `fetch` is imported, but no hook receives its answers: add @plugin.on_chunk, @plugin.on_end")
    for package in sorted(_SOCKETS & modules):
        print(f"note: {package} {_INSTEAD}", file=sys.stderr)
    for package in _sources.native_packages(modules):
        instead = _NATIVE.get(package, "it must work without")
        print(f"note: {package} has native code, which a component cannot run: {instead}", file=sys.stderr)
    return Examined(exports, grants, own, modules)


def _load() -> None:
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
        return f"\nhint: {why.name} {_INSTEAD}"
    if why.name in _NATIVE:
        return f"\nhint: {why.name} has native code, which a component cannot run: {_NATIVE[why.name]}"
    return (
        f"\nhint: if `{why.name}` is a package, add it to requirements.txt and run "
        "`.venv/bin/pip install -r requirements.txt`; it has to be pure Python"
    )


def _is_machinery(trace: TracebackType) -> bool:
    file = trace.tb_frame.f_code.co_filename
    return "importlib" in file or file == __file__
