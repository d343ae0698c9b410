"""What a component of `roomcast dev` has in place of the plugin: the plugin's source is read when an instance starts."""

from __future__ import annotations

import importlib
import sys

from .._dispatch import Refused
from .._fault import SOURCE, describe
from ..hooks import HookError, check_set, plugin
from . import exports, fault


class Lifecycle(exports.Lifecycle):
    @fault.guarded
    def init(self) -> None:
        try:
            _load()
        except HookError as why:
            raise exports.operators(Refused(str(why))) from None
        except Exception as why:
            raise exports.operators(Refused(describe(why))) from None
        super().init()


def _load() -> None:
    """Run the plugin's file. As when a component is built, there is no host yet."""
    sys.dont_write_bytecode = True
    # It stays there, for what functions import.
    sys.path.insert(0, SOURCE)
    importlib.import_module("plugin")
    check_set(plugin._hooks)
