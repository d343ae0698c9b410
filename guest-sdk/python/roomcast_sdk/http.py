"""Requests to other servers, over HTTP.

The operator grants them, host by host, with `[plugins.capabilities.http]`; what is not granted raises `NotPermitted`. A
request waits for its answer, and the plugin's other calls wait meanwhile: keep them few and short. One that would outlast
the call's deadline (`limits.deadline`, 1 s) ends before it, with an `HttpError`. Redirects are answers like others.

Only a plugin that imports this module imports `wasi:http`, so `from roomcast_sdk import http` at the top of the file. What
is sent, body and headers, costs the instance memory that it does not get back before it is recycled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from urllib.parse import urlsplit

from ._check import as_text, header_list, milliseconds
from ._host import host
from ._messages import Answer
from ._messages import HttpRequest as Outgoing
from .errors import HostError

__all__ = ["Answer", "HttpError", "Outgoing", "get", "post", "request"]


class HttpError(HostError):
    """A request without an answer."""

    kind = "http"

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"the request has failed: {code}{f': {detail}' if detail else ''}")
        self.code = code
        """The reason's name in `wasi:http`, for example `connection-refused`."""


def get(
    url: str,
    *,
    headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
    timeout: float | timedelta | None = None,
) -> Answer:
    """GET `url`. See `request`."""
    return request("GET", url, headers=headers, timeout=timeout)


def post(
    url: str,
    body: str | bytes = b"",
    *,
    headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
    timeout: float | timedelta | None = None,
) -> Answer:
    """POST `body` to `url`. See `request`."""
    return request("POST", url, body, headers=headers, timeout=timeout)


def request(
    method: str,
    url: str,
    body: str | bytes = b"",
    *,
    headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
    timeout: float | timedelta | None = None,
) -> Answer:
    """Make a request, and wait for the whole answer. `timeout` is in seconds, at most what the operator allows.

    Raises `HttpError` when there is no answer, `NotPermitted` when the operator has not granted the host.
    """
    parts = urlsplit(as_text("url", url))
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError(f"`url` must be like https://example.org/path, not {url!r:.80}")
    content = body if isinstance(body, bytes) else as_text("body", body).encode()
    limit = None if timeout is None else milliseconds("timeout", timeout)
    return host().http(Outgoing(as_text("method", method).upper(), url, header_list(headers), content, limit))
