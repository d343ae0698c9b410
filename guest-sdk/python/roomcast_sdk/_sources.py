"""What can be told from a plugin's own source, without running it."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def own_files(project: Path, modules: Iterable[str]) -> list[Path]:
    """The files of those modules that are the plugin's own."""
    files = (getattr(sys.modules[name], "__file__", None) for name in modules)
    return sorted(path for path in map(Path, filter(None, files)) if _is_of(project, path))


def late_imports(paths: Iterable[Path]) -> list[str]:
    """The modules that functions in these files import."""
    functions = (node for tree in _trees(paths) for node in ast.walk(tree) if isinstance(node, _FUNCTIONS))
    return sorted({name for function in functions for name, _ in _imported(function)})


def imports(paths: Iterable[Path]) -> list[tuple[str, list[str]]]:
    """The modules that these files import, anywhere, and the names that are imported from them."""
    return [one for tree in _trees(paths) for one in _imported(tree)]


def hooks_of_values(paths: Iterable[Path]) -> set[str]:
    """The hooks that the SDK itself needs to keep the values of `connection.state` and `hub.room(name).state`, if these
    files have one."""
    nodes = [node for tree in _trees(paths) for node in ast.walk(tree)]
    # `EventReader` has a method of this name.
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    names = [node for node in nodes if isinstance(node, ast.Attribute)]
    if not any(node.attr == "state" and id(node) not in called for node in names):
        return set()
    imported = {alias.name for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names}
    has_rooms = "room" in imported or any(node.attr in ("room", "Room") for node in names)
    return {"save", "restore", "on_disconnect"} | ({"on_leave"} if has_rooms else set())


def native_packages(modules: Iterable[str]) -> list[str]:
    """The pip packages among these that include a native library."""
    files = (Path(getattr(sys.modules[name], "__file__", None) or "") for name in modules)
    native = (file.parts for file in files if file.suffix in (".so", ".pyd") and "site-packages" in file.parts)
    packages = {parts[parts.index("site-packages") + 1].partition(".")[0] for parts in native}
    # A library that mypyc puts beside a package has a hash as its name.
    return sorted(name for name in packages if not name.endswith("__mypyc"))


def _trees(paths: Iterable[Path]) -> Iterator[ast.Module]:
    return (ast.parse(path.read_bytes(), str(path)) for path in paths)


def _imported(tree: ast.AST) -> Iterator[tuple[str, list[str]]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, []) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module, [alias.name for alias in node.names]


def _is_of(project: Path, path: Path) -> bool:
    """Whether a file belongs to the plugin."""
    if path.suffix != ".py" or not path.is_relative_to(project):
        return False
    return not {".venv", "site-packages", "roomcast_sdk"} & set(path.parts)
