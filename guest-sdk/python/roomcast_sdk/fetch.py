"""HTTP requests whose answers arrive in chunks, such as those of a language model.

`start` returns at once. The answer arrives through the hooks `on_response`, `on_chunk` and `on_end`, between other calls:

    fetch.start("https://api.example.org/v1", connection.id, method="POST", body=question, connection=connection)

    @plugin.on_chunk
    def piece(token, chunk):
        Connection(token).send(Event(chunk.text, event="token"))

The operator grants hosts with `[plugins.capabilities.http]`. Fetches follow the state: at a reload the new version gets the
rest of the answer, and an instance that starts without state after a trap gets `on_end` with `INTERRUPTED`.

Only plugins that import this module import the host's interface, so write `from roomcast_sdk import fetch` at the top of
the file. For a short answer that is needed before the hook returns, use `http`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from ._check import MAX_U32, as_text, header_list, milliseconds
from ._host import host
from ._messages import FetchRequest as Outgoing
from .connection import Connection, id_of
from .fetched import Failure, FailureKind, ResponseHead
from .message import Body

__all__ = ["Failure", "FailureKind", "Fetch", "Outgoing", "ResponseHead", "start"]


@dataclass(frozen=True)
class Fetch:
    """A fetch. Plain data: its `id` can be saved, and stays valid after a reload."""

    id: int

    def cancel(self) -> bool:
        """Cancel the fetch. None of its hooks is called afterwards, not even `on_end`. False if it has already ended."""
        return host().cancel_fetch(self.id)


def start(
    url: str,
    token: str,
    *,
    method: str = "GET",
    body: str | bytes = "",
    headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
    connection: Connection | None = None,
    timeout: float | timedelta | None = None,
) -> Fetch:
    """Start a request. Its hooks are called with `token` (at most 1 KiB).

    `connection` is the one that the answer is for: the host reads the answer no faster than this connection takes what the
    plugin sends to it, and the fetch ends when the connection does. `timeout`, in seconds, limits the whole fetch; the
    operator's limit applies if it is shorter.

    Raises `NotPermitted` if the destination is not granted, `LimitExceeded` if too many fetches are in flight,
    `NoSuchConnection`, and `InvalidArgument` for an invalid request or if the plugin has no hook for the answer. Later
    failures are reported to `on_end`.
    """
    request = Outgoing(
        method=as_text("method", method),
        url=as_text("url", url),
        headers=header_list(headers),
        body=Body(body),
        connection=None if connection is None else id_of("connection", connection),
        timeout_ms=None if timeout is None else min(milliseconds("timeout", timeout), MAX_U32),
    )
    return Fetch(host().start_fetch(request, as_text("token", token)))
