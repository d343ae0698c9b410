"""The plugin's own store: keys with their values, which outlive the instance.

The operator grants it, with `[plugins.capabilities.keyvalue]`; without that each call raises `NotPermitted`. It survives
failures and reloads, and with `persist = "disk"` restarts of the server. A call never waits for the disk: after a crash
of the machine, the last second or so may be missing. A key is at most 1 KiB long, and all of it together is bounded by a
quota; both are the operator's to change.

Only a plugin that imports this module imports the store, so `from roomcast_sdk import keyvalue` at the top of the file.
Each `set` costs the instance memory that it does not get back before it is recycled, as long as the value.
"""

from __future__ import annotations

from ._check import as_text
from ._host import host

__all__ = ["delete", "exists", "get", "increment", "keys", "set"]


def get(key: str) -> bytes | None:
    """The value of `key`, or None."""
    return host().store_get(as_text("key", key))


def set(key: str, value: bytes | str) -> None:
    """Give `key` a value, in place of one that it may have. A `str` is stored as UTF-8.

    Raises `StoreError` when the key is too long, or the quota reached.
    """
    if isinstance(value, str):
        value = as_text("value", value).encode()
    if not isinstance(value, bytes):
        raise TypeError(f"`value` must be bytes or a str, not {type(value).__name__}: {value!r:.80}")
    host().store_set(as_text("key", key), value)


def delete(key: str) -> None:
    """Take `key` out. No error when it is not there."""
    host().store_delete(as_text("key", key))


def exists(key: str) -> bool:
    """Whether `key` is there."""
    return host().store_exists(as_text("key", key))


def keys() -> list[str]:
    """All keys, sorted."""
    return host().store_keys()


def increment(key: str, delta: int = 1) -> int:
    """Add to a number, which is kept as decimal text; a key that is not there counts as 0. Answers the sum.

    Raises `StoreError` when the value is no such number, or the sum does not fit into 64 bits.
    """
    if not isinstance(delta, int) or isinstance(delta, bool) or not -(2**63) <= delta < 2**63:
        raise TypeError(f"`delta` must be an int of 64 bits, not {delta!r:.80}")
    return host().store_increment(as_text("key", key), delta)
