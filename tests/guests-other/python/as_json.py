"""The SDK's values as JSON. Names are those of the contract, with `_` in fields; bytes are base64."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import Any

from roomcast_sdk import Body, Event, HostError, InvalidArgument, LimitExceeded, NotPermitted, Origin, Refusal, Request
from roomcast_sdk.fetch import Failure, FailureKind

Json = dict[str, Any]


def result(call: Callable[[], Any]) -> Json:
    """What a call of the host has answered, or the exception that it raised."""
    try:
        return {"ok": call()}
    except HostError as why:
        return {"error": error(why)}


def error(why: HostError) -> Json:
    if isinstance(why, InvalidArgument):
        return {"kind": why.kind, "argument": why.argument, "reason": why.reason}
    if isinstance(why, LimitExceeded):
        return {"kind": why.kind, "key": why.key, "reason": why.reason}
    if isinstance(why, NotPermitted):
        return {"kind": why.kind, "capability": why.capability}
    return {"kind": why.kind, "reason": str(why)} if why.kind == "other" else {"kind": why.kind}


def event(event: Event) -> Json:
    return {"data": event.data, "event": event.event, "id": event.id, "retry_ms": event.retry_ms}


def origin(origin: Origin) -> Json:
    return {origin.kind: origin.detail}


def request(request: Request) -> Json:
    return {
        "method": request.method,
        "path": request.path,
        "query": request.query,
        "headers": request.headers,
        "peer": request.peer,
        "last_event_id": request.last_event_id,
    }


def body(body: Body) -> Json:
    return {"text": body.text} if is_text(body) else {"base64": b64encode(body.content).decode()}


def is_text(body: Body) -> bool:
    try:
        return isinstance(body.text, str)
    except Refusal:
        return False


def failure(failure: Failure) -> Json:
    told: Json = {"kind": str(failure.kind)}
    if failure.key is not None:
        told["key"] = failure.key
    if failure.kind not in (FailureKind.CONNECTION_CLOSED, FailureKind.INTERRUPTED):
        told["reason"] = failure.reason
    return told
