"""Loading a plugin's file, again and again: each time is a fresh instance, as a component's is."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from .. import _host
from ..hooks import Hook, check_set, plugin

_SDK = Path(__file__).resolve().parent.parent


class Instance:
    """One instance: the module, as it is after its file has run, and the hooks that it has."""

    def __init__(self, module: ModuleType, hooks: dict[str, Hook]) -> None:
        self.module = module
        self.hooks = hooks

    @classmethod
    def load(cls, plugin_file: str | Path) -> Instance:
        """Run the file, and the author's other files that it imports, anew. There is no host meanwhile, as there is none
        when a component is built. If that fails, what was there before stays."""
        name = _module_name(plugin_file)
        here = _folder(name)
        old_host, old_hooks = _host.present(), plugin._hooks
        old_modules = {key: module for key, module in sys.modules.items() if key == name or _is_part(here, key, module)}
        for key in old_modules:
            del sys.modules[key]
        _host.use(None)
        plugin._hooks = {}
        try:
            module = importlib.import_module(name)
            check_set(plugin._hooks)
            return cls(module, plugin._hooks)
        except BaseException:
            plugin._hooks = old_hooks
            sys.modules.update(old_modules)
            raise
        finally:
            _host.use(old_host)


def _module_name(plugin_file: str | Path) -> str:
    """A path's folder has to be one that Python looks into."""
    if isinstance(plugin_file, str) and not plugin_file.endswith(".py"):
        return plugin_file
    path = Path(plugin_file).resolve()
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))
    return path.stem


def _folder(name: str) -> Path | None:
    spec = sys.modules[name].__spec__ if name in sys.modules else importlib.util.find_spec(name)
    return Path(spec.origin).resolve().parent if spec and spec.origin else None


def _is_part(here: Path | None, key: str, module: ModuleType) -> bool:
    """Whether a module is another file of the plugin's own: one beside it, but no test."""
    file = getattr(module, "__file__", None)
    if here is None or file is None or key.startswith("test") or key == "conftest":
        return False
    path = Path(file).resolve()
    return path.is_relative_to(here) and not path.is_relative_to(_SDK) and "site-packages" not in path.parts
