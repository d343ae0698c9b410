"""HTTP requests that wait for their answer.

The operator grants hosts with `[plugins.capabilities.http]`; other hosts raise `NotPermitted`. The plugin's other calls
wait until a request has ended, so keep requests few and short. A request that would outlast the call's deadline
(`limits.deadline`, 1 s) ends before it, with an `HttpError`. Redirects are not followed.

Only plugins that import this module import `wasi:http`, so write `from roomcast_sdk import http` at the top of the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from urllib.parse import urlsplit

from ._check import as_bytes, as_text, header_list, milliseconds
from ._host import host
from ._messages import Answer
from ._messages import HttpRequest as Outgoing
from .errors import HostError

__all__ = ["Answer", "HttpError", "Outgoing", "get", "post", "request"]


class HttpError(HostError):
    """A request got no answer."""

    kind = "http"

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"the request failed: {code}{f': {detail}' if detail else ''}")
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
    """Make a request and wait for the whole answer. `timeout` is in seconds; the operator's limit applies if it is shorter.

    Raises `HttpError` if there is no answer, `NotPermitted` if the operator has not granted the host.
    """
    parts = urlsplit(as_text("url", url))
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError(f"`url` must be like https://example.org/path, not {url!r:.80}")
    content = as_bytes("body", body)
    limit = None if timeout is None else milliseconds("timeout", timeout)
    return host().http(Outgoing(as_text("method", method).upper(), url, header_list(headers), content, limit))
