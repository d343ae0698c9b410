"""Commands that use the store, as far as the SDK has it: `kv-open`, `kv-get`, `kv-set`, `kv-delete`, `kv-exists`, `kv-keys`,
`kv-increment`, `kv-fill`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from roomcast_sdk import NotPermitted, StoreError, keyvalue

from arguments import Arguments


def kv_open(given: Arguments) -> None:
    """The SDK opens its bucket at the first call."""
    keyvalue.exists("default")


def kv_get(given: Arguments) -> str | None:
    value = keyvalue.get(given.text("key"))
    return None if value is None else value.decode(errors="replace")


def kv_fill(given: Arguments) -> int:
    content, taken = _value(given), 0
    try:
        while taken < given.number("fill"):
            keyvalue.set(f"fill{taken:05}", content)
            taken += 1
    except StoreError:
        pass
    return taken


def _value(given: Arguments) -> str:
    times: int = given.command.get("repeat", 1)
    return given.text("value") * times


CALLS: dict[str, Callable[[Arguments], Any]] = {
    "kv-open": kv_open,
    "kv-get": kv_get,
    "kv-set": lambda given: keyvalue.set(given.text("key"), _value(given)),
    "kv-delete": lambda given: keyvalue.delete(given.text("key")),
    "kv-exists": lambda given: keyvalue.exists(given.text("key")),
    "kv-keys": lambda given: keyvalue.keys(),
    "kv-increment": lambda given: keyvalue.increment(given.text("key"), given.integer("delta")),
    "kv-fill": kv_fill,
}

UNSUPPORTED = {"kv-page", "kv-get-many", "kv-set-many", "kv-delete-many", "kv-swap"}


def run(op: str, given: Arguments) -> Any:
    """Run one of these. The store has errors of its own."""
    try:
        return {"ok": CALLS[op](given)}
    except NotPermitted:
        return {"error": {"kind": "access-denied"}}
    except StoreError as why:
        return {"error": {"kind": "other", "reason": why.reason}}
