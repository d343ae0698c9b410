"""The plugin's own key-value store, which outlives the instance.

The operator grants it with `[plugins.capabilities.keyvalue]`; otherwise each call raises `NotPermitted`. It survives
failures and reloads; with `persist = "disk"` also restarts of the server. Calls never wait for the disk: if the machine
crashes, about the last second of writes may be lost. A key is at most 1 KiB, and a quota limits the total size; the
operator may change both.

Only plugins that import this module import the store, so write `from roomcast_sdk import keyvalue` at the top of the
file.
"""

from __future__ import annotations

from ._check import as_bytes, as_text
from ._host import host

__all__ = ["delete", "exists", "get", "increment", "keys", "set"]


def get(key: str) -> bytes | None:
    """The value of `key`, or None. Bytes, not a `Body`: they are the plugin's own, for `json.loads` or `.decode()`."""
    return host().store_get(as_text("key", key))


def set(key: str, value: bytes | str) -> None:
    """Set the value of `key`, replacing any previous one. A `str` is stored as UTF-8.

    Raises `StoreError` if the key is too long or the quota is reached.
    """
    host().store_set(as_text("key", key), as_bytes("value", value))


def delete(key: str) -> None:
    """Delete `key`. A missing key is ignored."""
    host().store_delete(as_text("key", key))


def exists(key: str) -> bool:
    """Whether `key` exists."""
    return host().store_exists(as_text("key", key))


def keys() -> list[str]:
    """All keys, sorted."""
    return host().store_keys()


def increment(key: str, delta: int = 1) -> int:
    """Add to a number stored as decimal text; a missing key counts as 0. Returns the sum.

    Raises `StoreError` if the value is not such a number or the sum overflows 64 bits.
    """
    if not isinstance(delta, int) or isinstance(delta, bool) or not -(2**63) <= delta < 2**63:
        raise TypeError(f"`delta` must be an int of 64 bits, not {delta!r:.80}")
    return host().store_increment(as_text("key", key), delta)
