"""Commands for what packages of pip, and parts of Python's library that look for files or sockets, can do in a component."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import jwt
from roomcast_sdk import Refusal, keyvalue

from arguments import Arguments


def sign(given: Arguments) -> str:
    return jwt.encode(given.command["claims"], given.text("secret"), algorithm="HS256")


def verify(given: Arguments) -> Any:
    try:
        return jwt.decode(given.text("token"), given.text("secret"), algorithms=["HS256"])
    except jwt.InvalidTokenError as why:
        raise Refusal(f"{type(why).__name__}: {why}") from None


def offset(given: Arguments) -> str:
    """What a time zone is ahead of UTC in summer."""
    return str(datetime(2026, 7, 1, tzinfo=ZoneInfo(given.text("zone"))).utcoffset())


def encode(given: Arguments) -> str:
    return given.text("text").encode(given.text("encoding")).hex()


def gather(given: Arguments) -> list[int]:
    async def later(number: int) -> int:
        await asyncio.sleep(0.001 * (3 - number))
        return number

    async def all_of_them() -> list[int]:
        return list(await asyncio.gather(*map(later, range(3))))

    return asyncio.run(all_of_them())


def wait_for_ever(given: Arguments) -> None:
    asyncio.run(asyncio.Event().wait())


def store_again(given: Arguments) -> None:
    """Hand so many bytes to the host, so many times."""
    for _ in range(given.number("times")):
        keyvalue.set("again", bytes(given.number("bytes")))


CALLS = {
    "store-again": store_again,
    "jwt-sign": sign,
    "jwt-verify": verify,
    "zone-offset": offset,
    "encode": encode,
    "gather": gather,
    "wait-for-ever": wait_for_ever,
}
