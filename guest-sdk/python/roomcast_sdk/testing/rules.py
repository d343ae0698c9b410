"""The rules of the contract, with the host's default limits."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from .._check import Headers
from ..errors import InvalidArgument, LimitExceeded
from ..event import Event
from ..fetch import Outgoing

MAX_ROOMS_PER_CONNECTION = 100
MAX_TEXT = 1 << 10
MAX_TIMERS = 1000
MAX_FETCHES = 1000
_MAX_EVENT = 256 << 10
_MAX_EVENT_ID = 1 << 10
_MAX_EVENT_TYPE = 256
_MIN_RETRY_MS = 500
_MAX_ROOM_NAME = 256
_MAX_ROOMS_AT_ONCE = 1000
_MAX_PAGE = 1000
_METHOD = re.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_GOVERNS = {"connection", "content-length", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}


def room(name: str) -> None:
    if not name:
        raise InvalidArgument("room", "must not be empty")
    if len(name.encode()) > _MAX_ROOM_NAME:
        raise InvalidArgument("room", "is at most 256 bytes long")
    if _CONTROL.search(name):
        raise InvalidArgument("room", "must not contain control characters")


def rooms(names: list[str]) -> None:
    if len(names) > _MAX_ROOMS_AT_ONCE:
        raise InvalidArgument("rooms", f"{len(names)} rooms at once are more than {_MAX_ROOMS_AT_ONCE}")
    for name in names:
        room(name)


def event(event: Event) -> None:
    if event.id is not None and (len(event.id.encode()) > _MAX_EVENT_ID or _CONTROL.search(event.id)):
        raise InvalidArgument("event.id", "is at most 1 KiB long, without control characters")
    if event.event is not None:
        one_line("event.event", event.event)
        if len(event.event.encode()) > _MAX_EVENT_TYPE:
            raise InvalidArgument("event.event", "is at most 256 bytes long")
    if event.retry_ms is not None and event.retry_ms < _MIN_RETRY_MS:
        raise InvalidArgument("event.retry_ms", "is at least 500: browsers keep it for good")
    if len(event.data.encode()) > _MAX_EVENT:
        raise LimitExceeded("limits.event_bytes", "an event takes at most 256 KiB: send less, or a link to it")


def one_line(argument: str, text: str) -> None:
    """A line break in a field would let its author forge other fields."""
    if any(character in text for character in "\r\n\0"):
        raise InvalidArgument(argument, "must not contain CR, LF or NUL")


def outgoing(request: Outgoing) -> None:
    """What a fetch asks."""
    if request.timeout_ms == 0:
        raise InvalidArgument("request.timeout-ms", "is at least 1")
    parts = urlsplit(request.url)
    if parts.scheme not in ("http", "https") or not parts.netloc or "@" in parts.netloc:
        raise InvalidArgument("request.url", "is an address such as https://example.org/path")
    if not _METHOD.fullmatch(request.method):
        raise InvalidArgument("request.method", "is a method such as GET")
    for name, value in request.headers:
        if name in _GOVERNS | {"expect", "host"}:
            raise InvalidArgument("request.headers", f"`{name}` is a header that the host controls: leave it out")
        one_line("request.headers", value)


def tag(tag: str | None) -> None:
    if tag is not None and len(tag.encode()) > MAX_TEXT:
        raise LimitExceeded("limits.tag_bytes", "a tag is at most 1 KiB long: keep the rest in the plugin")


def page(limit: int) -> None:
    if not 1 <= limit <= _MAX_PAGE:
        raise InvalidArgument("limit", "is 1 to 1,000")


def answer(hook: str, headers: Headers) -> None:
    """A header that the host refuses is a fault of the plugin that a test should show."""
    for name, value in headers:
        if name == "connection" and value.lower() == "close":
            continue
        assert name not in _GOVERNS, f"{hook}: the host controls header `{name}`"
        assert not any(character in value for character in "\r\n\0"), f"{hook}: header `{name}` contains CR, LF or NUL"
