"""The server under test, and what every Python client must make of its stream: see cases.json."""

import json
import os
import pathlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import httpx

#: How long anything may take before it counts as not happening, in seconds. No check depends on its value.
PATIENCE = 30.0
CASES = json.loads((pathlib.Path(__file__).parent / "cases.json").read_text(encoding="utf-8"))["cases"]


def _address(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        sys.exit(f"FAIL  set {name} to the server's address, for example {name}=http://127.0.0.1:8080")
    return value.rstrip("/")


URL = _address("ROOMCAST_URL")
_API = httpx.Client(base_url=_address("ROOMCAST_API"), timeout=PATIENCE)


@dataclass(frozen=True)
class Event:
    """An event as a client shows it; `last_event_id` and `retry` are None where the event brings none."""

    type: str
    data: str
    last_event_id: str | None
    retry: int | None


def ok(what: str) -> None:
    print(f"ok    {what}", flush=True)


def same(what: str, actual: object, expected: object) -> None:
    if actual != expected:
        sys.exit(f"FAIL  {what}\n  got      {actual!r}\n  expected {expected!r}")
    ok(what)


def check_head(response: httpx.Response, version: str) -> str:
    """The head of a stream that was asked for over `version`; returns the connection's id."""
    same("the version of HTTP", response.http_version, version)
    same("the status", response.status_code, 200)
    same("the type", response.headers["content-type"], "text/event-stream; charset=utf-8")
    same("no Content-Length", "content-length" in response.headers, False)
    same("not compressed", "content-encoding" in response.headers, False)
    same("Connection on HTTP/1 only", "connection" in response.headers, version != "HTTP/2")
    return response.headers["roomcast-connection"]


BEGINNING = 3000
"""`endpoint.retry`, in milliseconds."""


def check_stream(connection: str, events: Iterator[Event]) -> None:
    """Publish each case and compare what the client makes of it; then have the server end the stream."""
    types = {case["dispatch"]["type"] for case in CASES}
    ours = (event for event in events if event.type in types)  # a plugin's own events may come in between
    last = ""
    for case in CASES:
        times, expected = case.get("times", 1), case["dispatch"]
        _publish(case["name"], case["publish"] | {"data": case["publish"]["data"] * times})
        event = next(ours)
        last = last if event.last_event_id is None else event.last_event_id
        same(
            case["name"],
            # The stream begins with a `retry:`, which the client tells with the first event.
            (event.type, event.data, last, None if event.retry == BEGINNING else event.retry),
            (expected["type"], expected["data"] * times, expected["lastEventId"], case.get("retry")),
        )
    _API.delete(f"/v1/connections/{connection}").raise_for_status()
    same("the stream ends in order", list(ours), [])


def _publish(name: str, event: dict) -> None:
    answer = _API.post("/v1/rooms/__all/events", json=event)
    if not answer.is_success or answer.json()["receivers"] < 1:
        sys.exit(f'FAIL  publishing "{name}" reached nobody: {answer.status_code} {answer.text}')
