"""Why something is refused: by the host (`HostError`), or by the plugin (`Refusal`, `Rejection`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ._check import Headers, as_text, header_list, status_in
from ._host_errors import (
    ConnectionClosed,
    HostError,
    InvalidArgument,
    LimitExceeded,
    NoSuchConnection,
    NotPermitted,
    StoreError,
)

__all__ = [
    "ConfigError",
    "ConnectionClosed",
    "HostError",
    "InvalidArgument",
    "LimitExceeded",
    "NoSuchConnection",
    "NotPermitted",
    "Refusal",
    "Rejection",
    "StoreError",
]


class ConfigError(ValueError):
    """A value of `[plugins.config]` is missing or cannot be read. In `init` it refuses the load, with this text."""


class Refusal(Exception):
    """Raise it to refuse a request of a client or a publisher; the text is the answer.

    `on_message` and `on_connect` answer it with status 400; `on_join` and `on_publish` refuse the join or the event; in
    `init` and `restore` it makes the load fail.
    """

    def __init__(self, text: str) -> None:
        super().__init__(as_text("text", text))


class Rejection(Refusal):
    """Raise it in `on_connect` to answer a client instead of a stream, or in `on_message` to answer with a status.

    `status` is 204, or 400 to 599; a browser does not reconnect after any of them. `body` is plain text. `headers` are for
    example `{"www-authenticate": "Bearer"}`.
    """

    def __init__(
        self, status: int, body: str = "", headers: Mapping[str, str] | Iterable[tuple[str, str]] = ()
    ) -> None:
        super().__init__(as_text("body", body))
        self.status = status_in(status, "a rejection's status is 204, or 400 to 599", (204, 204), (400, 599))
        self.body = body
        self.headers: Headers = header_list(headers)

    def __str__(self) -> str:
        return f"{self.status} {self.body}".rstrip()
