"""Requests over HTTP whose answers come piece by piece, as those of a language model do.

`start` returns at once. The answer comes to the hooks `on_response`, `on_chunk` and `on_end` while everything else goes on:

    fetch.start("https://api.example.org/v1", connection.id, method="POST", body=question, connection=connection)

    @plugin.on_chunk
    def piece(token, chunk):
        Connection(token).send(Event(chunk.text, event="token"))

The operator grants hosts, with `[plugins.capabilities.http]`. Fetches go where the state goes: at a reload the new version
gets what is still to come, and an instance that starts from nothing after a failure gets `on_end` with `INTERRUPTED`.

Only a plugin that imports this module imports the host's, so `from roomcast_sdk import fetch` at the top of the file. A body
that is not text costs the instance memory that it does not get back before it is recycled. For an answer that is short, and
has to be there before the hook returns, there is `http`.
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

__all__ = ["Failure", "FailureKind", "Fetch", "Outgoing", "ResponseHead", "start"]


@dataclass(frozen=True)
class Fetch:
    """A fetch that was started. Plain data: its `id` may be saved, and stays valid after a reload."""

    id: int

    def cancel(self) -> bool:
        """Break the fetch off. Nothing of it comes any more, and no `on_end`. False when it is over already."""
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
    """Start a request. What comes of it carries `token` (at most 1 KiB).

    `connection` is the one that the answer is for: the answer is read no faster than this connection takes what it is sent,
    and the fetch ends when the connection does. `timeout`, in seconds, is for all of it; the operator's bound holds if it is
    shorter.

    Raises `NotPermitted` when the destination is not granted, `LimitExceeded` when too many are under way,
    `NoSuchConnection`, and `InvalidArgument` for what is no request, and when the plugin has no hook for the answer. What
    goes wrong afterwards comes to `on_end`.
    """
    if not isinstance(body, bytes):
        as_text("body", body)
    request = Outgoing(
        method=as_text("method", method),
        url=as_text("url", url),
        headers=header_list(headers),
        body=body,
        connection=None if connection is None else id_of("connection", connection),
        timeout_ms=None if timeout is None else min(milliseconds("timeout", timeout), MAX_U32),
    )
    return Fetch(host().start_fetch(request, as_text("token", token)))
