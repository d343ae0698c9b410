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
    """Raise it to refuse what a client or a publisher asks for: status 400 with this text.

    In `init`, `save` and `restore` it refuses the new version, and the text is reported to the operator.
    """

    def __init__(self, text: str) -> None:
        super().__init__(as_text("text", text))


class Rejection(Refusal):
    """Raise it in `on_connect`, `on_join`, `on_publish` or `on_message` to refuse with a status of your choice.

    `status` is 400 to 599, or 204 if a stream is refused: in `on_connect`, or in `on_join` as it opens. A browser does not
    reconnect after any of them. `body` is plain text. `headers` are for example `{"www-authenticate": "Bearer"}`.
    """

    def __init__(
        self, status: int, body: str = "", headers: Mapping[str, str] | Iterable[tuple[str, str]] = ()
    ) -> None:
        self.body = as_text("body", body)
        super().__init__(self.body)
        self.status = status_in(status, "a rejection's status is 204, or 400 to 599", (204, 204), (400, 599))
        self.headers: Headers = header_list(headers)

    def __str__(self) -> str:
        return f"{self.status} {self.body}".rstrip()
