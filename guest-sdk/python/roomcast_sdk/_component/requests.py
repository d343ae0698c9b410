"""Requests by `wasi:http`. A plugin that does not import `roomcast_sdk.http` is built without it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from componentize_py_types import Err, Ok

from ..errors import HostError, NotPermitted
from ..http import Answer, HttpError, Outgoing

if TYPE_CHECKING:
    from wit_world.imports import outgoing_handler, streams, wasi_http
else:
    try:
        from wit_world.imports import outgoing_handler, streams, wasi_http
    except ImportError:
        outgoing_handler = streams = wasi_http = None

# What one write to a stream may be long.
_CHUNK = 4096


def make(request: Outgoing) -> Answer:
    """Make the request, and read the whole answer."""
    try:
        return _make(request)
    except Err as error:
        raise _failure(error.value) from None


def _make(request: Outgoing) -> Answer:
    outgoing = _head(request)
    body = outgoing.body()
    future = outgoing_handler.handle(outgoing, _options(request.timeout_ms))
    if request.content:
        with body.write() as stream:
            for start in range(0, len(request.content), _CHUNK):
                stream.blocking_write_and_flush(request.content[start : start + _CHUNK])
    wasi_http.OutgoingBody.finish(body, None)
    with future:
        with future.subscribe() as ready:
            ready.block()
        outcome = future.get()
    if not isinstance(outcome, Ok):
        raise HttpError("internal-error", "the host has no outcome")
    if isinstance(outcome.value, Err):
        raise outcome.value
    with outcome.value.value as response:
        with response.headers() as fields:
            headers = [(name.lower(), value.decode(errors="replace")) for name, value in fields.entries()]
        with response.consume() as incoming, incoming.stream() as stream:
            return Answer(response.status(), _read(stream), headers)


def _head(request: Outgoing) -> wasi_http.OutgoingRequest:
    url = urlsplit(request.url)
    fields = wasi_http.Fields.from_list([(name, value.encode()) for name, value in request.headers])
    outgoing = wasi_http.OutgoingRequest(fields)
    known = getattr(wasi_http, f"Method_{request.method.capitalize()}", None)
    try:
        outgoing.set_method(known() if known else wasi_http.Method_Other(request.method))
        outgoing.set_scheme(wasi_http.Scheme_Http() if url.scheme == "http" else wasi_http.Scheme_Https())
        outgoing.set_authority(url.netloc)
        outgoing.set_path_with_query((url.path or "/") + (f"?{url.query}" if url.query else ""))
    except Err:
        raise HttpError("http-request-uri-invalid", f"{request.method} {request.url}") from None
    return outgoing


def _options(timeout_ms: int | None) -> wasi_http.RequestOptions | None:
    if timeout_ms is None:
        return None
    options = wasi_http.RequestOptions()
    for limit in (options.set_connect_timeout, options.set_first_byte_timeout, options.set_between_bytes_timeout):
        limit(timeout_ms * 1_000_000)
    return options


def _read(stream: streams.InputStream) -> bytes:
    chunks = []
    while True:
        try:
            chunks.append(stream.blocking_read(1 << 16))
        except Err as error:
            if isinstance(error.value, streams.StreamError_Closed):
                return b"".join(chunks)
            raise


def _failure(error: object) -> HostError:
    name = type(error).__name__.partition("_")[2] or "InternalError"
    if isinstance(error, (wasi_http.HeaderError_Forbidden, wasi_http.HeaderError_InvalidSyntax)):
        name = f"Header{name}"
    if name == "HttpRequestDenied":
        return NotPermitted("capabilities.http")
    code = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("-")
    detail: Any = getattr(error, "value", None)
    if isinstance(error, streams.StreamError_LastOperationFailed):
        detail = error.value.to_debug_string()
    return HttpError(code, str(detail) if detail else "")
