"""The plugin's own settings: the table `[plugins.config]` of its entry in `roomcast.toml`. All values are text there.

Read them in `init` or later: there is no configuration while the component is built.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, overload

from ._check import as_text
from ._host import host
from .errors import ConfigError

__all__ = ["ConfigError", "get", "get_all", "parse", "require"]

T = TypeVar("T")


@overload
def get(key: str) -> str | None: ...
@overload
def get(key: str, default: str) -> str: ...
def get(key: str, default: str | None = None) -> str | None:
    """The value of `key`, or the default if it is not set."""
    value = host().config(as_text("key", key))
    return default if value is None else value


def get_all() -> dict[str, str]:
    """All keys with their values."""
    return dict(host().config_all())


def require(key: str) -> str:
    """The value of `key`. Raises `ConfigError`, which says what to write, if it is not set."""
    value = get(key)
    if value is None:
        raise ConfigError(f'config `{key}` is not set: write {key} = "..." below [plugins.config] in roomcast.toml')
    return value


@overload
def parse(key: str, type: Callable[[str], T]) -> T | None: ...
@overload
def parse(key: str, type: Callable[[str], T], default: T) -> T: ...
def parse(key: str, type: Callable[[str], T], default: T | None = None) -> T | None:
    """The value of `key`, converted by `type`, for example to a number or a boolean; the default if it is not set.

    `parse("interval_ms", int, 1000)`. For `bool`, `"true"` and `"false"` are the only values. Raises `ConfigError`, which
    names the key and the value, if `type` raises a `ValueError`.
    """
    value = get(key)
    if value is None:
        return default
    try:
        # `bool("false")` would be True.
        return _switch(value) if type is bool else type(value)  # type: ignore[return-value]
    except ValueError as why:
        raise ConfigError(f'config `{key}` = "{value}": {why}') from None


def _switch(value: str) -> bool:
    if value not in ("true", "false"):
        raise ValueError('must be "true" or "false"')
    return value == "true"
