"""Commands that fetch, and what is done with what comes: `fetch-start`, `fetch-cancel`, and the wishes that a token may
have; see tests/guests/probe/src/fetch.rs."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import Any

from roomcast_sdk import Body, Connection, Event, Refusal, fetch

import as_json
from arguments import MAX_U64, Arguments
from journal import note


def fetch_start(given: Arguments) -> int:
    milliseconds = given.optional_number("timeout_ms")
    started = fetch.start(
        given.text("url"),
        given.text("token"),
        method=given.optional_text("method") or "GET",
        headers=given.pairs("headers"),
        body=_body(given),
        connection=_receiver(given),
        timeout=None if milliseconds is None else milliseconds / 1000,
    )
    return started.id


def fetch_cancel(given: Arguments) -> bool:
    return fetch.Fetch(given.number("fetch", MAX_U64)).cancel()


CALLS = {"fetch-start": fetch_start, "fetch-cancel": fetch_cancel}


def _body(given: Arguments) -> str | bytes:
    base64 = given.optional_text("base64")
    if base64 is not None:
        return b64decode(base64)
    times: int = given.command.get("repeat", 1)
    return (given.optional_text("body") or "") * times


def _receiver(given: Arguments) -> Connection | None:
    if given.optional_text("for") != "sender":
        return given.optional_connection("for")
    if given.sender is None:
        raise Refusal("there is no sender")
    return given.sender


def wish(token: str) -> dict[str, Any]:
    """What a token says beyond its name."""
    try:
        found = json.loads(token)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def note_chunk(token: str, chunk: Body) -> None:
    """Write a chunk down, and send it on, as its token wishes."""
    wished = wish(token)
    if wished.get("quiet") is True:
        note({"hook": "on-chunk", "token": token, "length": len(chunk.content)})
    else:
        note({"hook": "on-chunk", "token": token, "chunk": as_json.body(chunk)})
    if isinstance(wished.get("relay"), str) and as_json.is_text(chunk):
        _send(wished["relay"], "chunk", chunk.text)


def note_end(token: str, failure: fetch.Failure | None) -> None:
    """Write an end down, and tell it, as its token wishes."""
    outcome = {"ok": None} if failure is None else {"error": as_json.failure(failure)}
    relay = wish(token).get("relay")
    if isinstance(relay, str):
        _send(relay, "end", json.dumps(outcome, separators=(",", ":")))
    note({"hook": "on-end", "token": token, "outcome": outcome})


def _send(connection: str, event: str, data: str) -> None:
    result = as_json.result(lambda: Connection(connection).send(Event(data, event=event)))
    if "error" in result:
        note({"result": result})
