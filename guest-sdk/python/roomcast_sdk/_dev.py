"""Prepares what `roomcast dev` serves: `python -m roomcast_sdk._dev PROJECT OUT`.

That is a component with Python and the SDK, which reads the plugin's source when an instance starts, from a folder that
`dev` grants. So most changes of the source need no new component. It is another one only for other exports, capabilities or
packages, another SDK, or an import of what is not in it.

Examines the plugin, and prints two lines: the component, which may have to be built, and the folder with the source. OUT
gets that folder, and what componentize-py needs to build the component.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from . import _build, _sources
from ._examine import Examined, examine

_PRELOADED = (
    "__future__ abc base64 bisect calendar collections collections.abc contextlib copy csv dataclasses datetime decimal "
    "difflib enum fractions functools hashlib heapq hmac html inspect io itertools json logging math operator os os.path "
    "pathlib queue random re secrets statistics string struct sys textwrap time traceback types typing unicodedata "
    "urllib.parse uuid warnings weakref zlib zoneinfo"
).split()
"""Modules that are in every such component, so that it stays when a plugin begins to import one of them."""

_NOT_SOURCE = {"build", "dist", "node_modules", "scenarios", "page", "sdk", "site-packages", "__pycache__"}
_KEPT = 4
"""How many components are kept for when the plugin is again as it was."""
_SOURCES_KEPT = 20
"""How many sources are kept. A server has the last one, and perhaps the one before; several servers may run."""


def main(project: Path, out: Path) -> None:
    """Write the files, and print the two paths."""
    opened: set[Path] = set()
    sys.addaudithook(lambda event, arguments: opened.update(_opened(event, arguments)))
    examined = examine(project)
    source = _write_source(project, out / "source", opened)
    print(_write_entry(project, out, examined), source, sep="\n")


def _write_entry(project: Path, out: Path, examined: Examined) -> Path:
    """Write what the component is built from. Returns its path."""
    needed = {name for name in _imports(examined) if not _is_own(project, name) and not name.startswith("roomcast_sdk")}
    needed |= {f"roomcast_sdk.{name}" for name in examined.grants}
    key = _digest(_kind(examined))
    there = sorted(out.glob("*.wasm"), key=lambda path: path.stat().st_mtime)
    imports = sorted(needed.union(_PRELOADED))
    for path in (path for path in there if path.stem.startswith(key)):
        known = path.with_suffix(".imports").read_text().split()
        if needed <= set(known):
            return path
        imports = sorted({*imports, *known})
    for path in there[: -(_KEPT - 1)]:
        path.unlink()
    component = out / f"{key}-{_digest([' '.join(imports).encode()])}.wasm"
    _build.write(out, examined, [*_build.tried(imports), _build.exports(examined), _LIFECYCLE])
    component.with_suffix(".imports").write_text("\n".join(imports))
    return component


_LIFECYCLE = "from roomcast_sdk._component.dev import Lifecycle"


def _kind(examined: Examined) -> Iterator[bytes]:
    """What there is one component for."""
    yield _build.world(examined.exports, examined.grants).encode()
    sdk = Path(__file__).resolve().parent
    for path in sorted([*sdk.rglob("*.py"), *sdk.parent.glob("wit*/**/*.wit")]):
        yield str(path.relative_to(sdk.parent)).encode()
        yield path.read_bytes()
    for folder in filter(os.path.isdir, sys.path):
        for package in sorted(Path(folder).glob("*.dist-info")):
            yield f"{package.name} {package.stat().st_mtime_ns}".encode()


def _imports(examined: Examined) -> Iterator[str]:
    """The modules that the plugin's files import, and other packages that they have brought in."""
    for name, of in _sources.imports(examined.files):
        yield name
        yield from (f"{name}.{one}" for one in of if _is_module(f"{name}.{one}"))
    for name in examined.modules:
        if "site-packages" in (getattr(sys.modules[name], "__file__", None) or ""):
            yield name


def _is_module(name: str) -> bool:
    try:
        return name in sys.modules or importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def _is_own(project: Path, name: str) -> bool:
    top = project / name.partition(".")[0]
    return top.with_suffix(".py").is_file() or top.is_dir()


def _opened(event: str, arguments: tuple[object, ...]) -> list[Path]:
    name = arguments[0] if event == "open" else None
    return [Path(os.path.abspath(os.fsdecode(name)))] if isinstance(name, (str, bytes, os.PathLike)) else []


def _write_source(project: Path, out: Path, opened: set[Path]) -> Path:
    """Copy the plugin's own modules, and the files that it has read, to a folder that is named by their contents: an instance
    that starts again has the source that its version began with."""
    files = {path: path.read_bytes() for path in sorted({*_modules(project), *_data(project, opened)})}
    named = [part for path, content in files.items() for part in (str(path.relative_to(project)).encode(), content)]
    folder = out / _digest(named)
    if not folder.is_dir():
        made = folder.with_suffix(".new")
        shutil.rmtree(made, ignore_errors=True)
        for path, content in files.items():
            copy = made / path.relative_to(project)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(content)
        made.rename(folder)
    os.utime(folder)
    for old in sorted(out.iterdir(), key=lambda path: path.stat().st_mtime)[:-_SOURCES_KEPT]:
        shutil.rmtree(old)
    return folder


def _modules(project: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(project):
        folders[:] = [name for name in folders if _may_hold_source(Path(folder, name))]
        yield from (Path(folder, name) for name in files if name.endswith(".py") and not name.startswith("test_"))


def _may_hold_source(folder: Path) -> bool:
    return not folder.name.startswith(".") and folder.name not in _NOT_SOURCE and not (folder / "pyvenv.cfg").exists()


def _data(project: Path, opened: set[Path]) -> Iterator[Path]:
    for path in opened:
        parts = path.relative_to(project).parts if path.is_relative_to(project) else ()
        if parts and path.is_file() and not any(part.startswith(".") or part in _NOT_SOURCE for part in parts):
            yield path


def _digest(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()[:16]


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]))
