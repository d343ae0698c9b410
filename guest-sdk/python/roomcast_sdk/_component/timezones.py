"""Time zones of the package `tzdata`. `zoneinfo` reads its files when a zone is first used, and a component has no files; so
they are read while it is built, about 400 KB."""

from __future__ import annotations

import io
import sys
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import IO

_zones: dict[str, bytes] = {}


def keep() -> None:
    """Keep all zones, if the plugin has imported `zoneinfo` and has the package."""
    if "zoneinfo" not in sys.modules:
        return
    try:
        _read("", files("tzdata").joinpath("zoneinfo"))
    except ModuleNotFoundError:
        return
    common = sys.modules["zoneinfo._common"]
    setattr(common, "load_tzdata", _load)  # noqa: B010


def _read(folder: str, at: Traversable) -> None:
    for entry in at.iterdir():
        name = folder + entry.name
        if entry.is_dir():
            _read(name + "/", entry)
        elif (content := entry.read_bytes()).startswith(b"TZif"):
            _zones[name] = content


def _load(key: str) -> IO[bytes]:
    from zoneinfo import ZoneInfoNotFoundError

    if key not in _zones:
        raise ZoneInfoNotFoundError(f"No time zone found with key {key}")
    return io.BytesIO(_zones[key])
