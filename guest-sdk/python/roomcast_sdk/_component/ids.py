"""Connection ids: UUIDs as text in the SDK, two numbers in the contract."""

from __future__ import annotations

from wit_world.imports import types


def to_host(id: str) -> types.ConnectionId:
    number = int(id.replace("-", ""), 16)
    return types.ConnectionId(number >> 64, number & (1 << 64) - 1)


def optional_to_host(id: str | None) -> types.ConnectionId | None:
    return None if id is None else to_host(id)


def to_text(id: types.ConnectionId) -> str:
    digits = f"{id.high:016x}{id.low:016x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
