"""The component's imports as a `Host`."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from componentize_py_types import Err
from wit_world.imports import hub, timers, types, wasi_config
from wit_world.imports import logging as wasi_logging

from .._messages import Page
from ..errors import (
    ConfigError,
    ConnectionClosed,
    HostError,
    InvalidArgument,
    LimitExceeded,
    NoSuchConnection,
    NotPermitted,
)
from ..event import Event
from ..fetch import Outgoing as Fetched
from ..http import Answer, Outgoing
from ..hub import Duplicates
from . import requests
from .ids import optional_to_host, to_host, to_text
from .store import Store

if TYPE_CHECKING:
    from wit_world.imports import fetch
else:
    try:
        from wit_world.imports import fetch
    except ImportError:
        fetch = None

T = TypeVar("T")

_LEVELS = (
    (logging.CRITICAL, wasi_logging.Level.CRITICAL),
    (logging.ERROR, wasi_logging.Level.ERROR),
    (logging.WARNING, wasi_logging.Level.WARN),
    (logging.INFO, wasi_logging.Level.INFO),
    (logging.DEBUG, wasi_logging.Level.DEBUG),
)


class ComponentHost(Store):
    """Calls to the host, with its errors as exceptions."""

    def send_event(self, connection: str, event: Event) -> None:
        _call(hub.send_event, to_host(connection), event)

    def send_comment(self, connection: str, text: str) -> None:
        _call(hub.send_comment, to_host(connection), text)

    def close(self, connection: str) -> None:
        _call(hub.close, to_host(connection))

    def is_open(self, connection: str) -> bool:
        return hub.is_open(to_host(connection))

    def join(self, connection: str, room: str) -> None:
        _call(hub.join, to_host(connection), room)

    def leave(self, connection: str, room: str) -> None:
        _call(hub.leave, to_host(connection), room)

    def broadcast(self, room: str, event: Event, exclude: str | None) -> int:
        return _call(hub.broadcast, room, event, optional_to_host(exclude))

    def broadcast_many(self, rooms: list[str], event: Event, exclude: str | None, duplicates: Duplicates) -> int:
        known = hub.Duplicates[duplicates.name]
        return _call(hub.broadcast_many, rooms, event, optional_to_host(exclude), known)

    def members(self, room: str, at: int | None, limit: int) -> Page:
        page = _call(hub.members, room, at, limit)
        return [to_text(member) for member in page.members], page.total, page.next

    def count(self, room: str) -> int:
        return _call(hub.count, room)

    def rooms_of(self, connection: str) -> list[str]:
        return _call(hub.rooms_of, to_host(connection))

    def tag(self, connection: str) -> str | None:
        return _call(hub.tag, to_host(connection))

    def set_tag(self, connection: str, tag: str | None) -> None:
        _call(hub.set_tag, to_host(connection), tag)

    def set_timer(self, delay_ms: int, repeat: bool, token: str) -> int:
        return _call(timers.set, delay_ms, timers.Repetition.EVERY if repeat else timers.Repetition.ONCE, token)

    def cancel_timer(self, timer: int) -> bool:
        return timers.cancel(timer)

    def start_fetch(self, request: Fetched, token: str) -> int:
        return _call(fetch.start, _outgoing(request), token)

    def cancel_fetch(self, id: int) -> bool:
        return fetch.cancel(id)

    def log(self, level: int, context: str, message: str) -> None:
        wasi_logging.log(
            next((name for bound, name in _LEVELS if level >= bound), wasi_logging.Level.TRACE), context, message
        )

    def http(self, request: Outgoing) -> Answer:
        return requests.make(request)

    def config(self, key: str) -> str | None:
        try:
            return wasi_config.get(key)
        except Err as error:
            _unreadable(error)

    def config_all(self) -> list[tuple[str, str]]:
        try:
            return wasi_config.get_all()
        except Err as error:
            _unreadable(error)


def _outgoing(asked: Fetched) -> fetch.Outgoing:
    connection = optional_to_host(asked.connection)
    return fetch.Outgoing(asked.method, asked.url, asked.headers, asked.body.content, connection, asked.timeout_ms)


def _call(function: Callable[..., T], *arguments: Any) -> T:
    try:
        return function(*arguments)
    except Err as error:
        raise _host_error(error.value) from None


def _host_error(error: types.Error) -> HostError:
    if isinstance(error, types.Error_InvalidArgument):
        return InvalidArgument(error.value.argument, error.value.reason)
    if isinstance(error, types.Error_LimitExceeded):
        return LimitExceeded(error.value.key, error.value.reason)
    if isinstance(error, types.Error_NotPermitted):
        return NotPermitted(error.value)
    if isinstance(error, types.Error_Other):
        return HostError(error.value)
    return ConnectionClosed() if isinstance(error, types.Error_Closed) else NoSuchConnection()


def _unreadable(error: Err[wasi_config.Error]) -> NoReturn:
    raise ConfigError(f"the plugin's configuration cannot be read: {error.value.value}") from None
