"""Calls to the store that the host may have granted. A plugin that does not import `roomcast_sdk.keyvalue` is built
without the store's interfaces."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from componentize_py_types import Err

from ..errors import HostError, NotPermitted, StoreError

if TYPE_CHECKING:
    from wit_world.imports import atomics, wasi_keyvalue
else:
    try:
        from wit_world.imports import atomics, wasi_keyvalue
    except ImportError:
        atomics = wasi_keyvalue = None

T = TypeVar("T")


class Store:
    """The bucket, which is opened at the first call."""

    _bucket: wasi_keyvalue.Bucket | None = None

    def store_get(self, key: str) -> bytes | None:
        return self._call(lambda bucket: bucket.get(key))

    def store_set(self, key: str, value: bytes) -> None:
        self._call(lambda bucket: bucket.set(key, value))

    def store_delete(self, key: str) -> None:
        self._call(lambda bucket: bucket.delete(key))

    def store_exists(self, key: str) -> bool:
        return self._call(lambda bucket: bucket.exists(key))

    def store_keys(self) -> list[str]:
        keys: list[str] = []
        cursor: str | None = None
        while True:
            page = self._call(partial(_list, cursor))
            keys += page.keys
            cursor = page.cursor
            if cursor is None:
                return keys

    def store_increment(self, key: str, delta: int) -> int:
        return self._call(lambda bucket: atomics.increment(bucket, key, delta))

    def _call(self, work: Callable[[wasi_keyvalue.Bucket], T]) -> T:
        try:
            if self._bucket is None:
                self._bucket = wasi_keyvalue.open("default")
            return work(self._bucket)
        except Err as error:
            raise _store_error(error.value) from None


def _list(cursor: str | None, bucket: wasi_keyvalue.Bucket) -> wasi_keyvalue.KeyResponse:
    return bucket.list_keys(cursor)


def _store_error(error: wasi_keyvalue.Error) -> HostError:
    if isinstance(error, wasi_keyvalue.Error_AccessDenied):
        return NotPermitted("capabilities.keyvalue")
    if isinstance(error, wasi_keyvalue.Error_NoSuchStore):
        return StoreError("there is no bucket with this name")
    return StoreError(error.value)
