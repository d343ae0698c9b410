"""Fetches: what is asked, what comes, and the events of a stream that comes in pieces."""

import json
from pathlib import Path

import pytest

from roomcast_sdk import Body, Event, EventReader, fetch
from roomcast_sdk.errors import HostError, InvalidArgument, NoSuchConnection
from roomcast_sdk.fetch import Failure, FailureKind

ASKING = """
from roomcast_sdk import fetch
told = []

@plugin.on_connect
def ask(connection, request):
    fetch.start("https://example.org/v1", str(connection), method="POST", body="{}", connection=connection, timeout=0.5)
    if request.query:
        connection.close()

@plugin.on_response
def head(token, response):
    told.append((response.status, response.ok, response.header("Content-Type")))

@plugin.on_chunk
def piece(token, chunk):
    told.append(chunk.content)

@plugin.on_end
def end(token, failure):
    told.append(failure)

@plugin.save
def save():
    return repr(told)

@plugin.restore
def restore(state):
    told.extend(eval(state))
"""


def test_an_answer_comes_piece_by_piece_with_the_token_of_its_fetch(start) -> None:
    fake = start(ASKING)
    ada = fake.connect()
    (asked,) = fake.fetches
    assert asked.token == str(ada)
    assert asked.request == fetch.Outgoing("POST", "https://example.org/v1", [], Body("{}"), str(ada), 500)
    fake.respond(asked, 404, {"Content-Type": "text/plain"})
    fake.chunk(asked, "grüße".encode())
    fake.reload()
    fake.chunk(asked, b"\xff")
    fake.end(asked)
    assert fake.plugin.told == [(404, False, "text/plain"), "grüße".encode(), b"\xff", None]
    assert fake.fetches == []
    with pytest.raises(AssertionError, match="not in flight"):
        fake.chunk(asked, "late")


def test_a_fetch_fails_with_its_connection_or_by_itself(start) -> None:
    fake = start(ASKING)
    ada = fake.connect()
    fake.connect("/sse?close")
    fake.connect()
    fake.disconnect(ada)
    (last,) = fake.fetches
    fake.end(last, Failure(FailureKind.LIMIT_EXCEEDED, "30s", "capabilities.http.stream_timeout"))
    kinds = [failure.kind for failure in fake.plugin.told]
    assert kinds == [FailureKind.CONNECTION_CLOSED, FailureKind.CONNECTION_CLOSED, FailureKind.LIMIT_EXCEEDED]
    assert str(fake.plugin.told[0]) == "the fetch's connection has ended"
    assert str(fake.plugin.told[2]) == "`capabilities.http.stream_timeout`: 30s"


def test_after_a_crash_it_is_interrupted(start) -> None:
    fake = start(ASKING)
    fake.connect()
    fake.crash()
    assert [failure.kind for failure in fake.plugin.told] == [FailureKind.INTERRUPTED]


def test_of_a_fetch_that_is_broken_off_nothing_comes_any_more(start) -> None:
    fake = start(ASKING)
    started = fetch.start("http://example.org/", "x")
    assert fake.fetches[0].request.method == "GET"
    assert (started.cancel(), started.cancel(), fake.fetches) == (True, False, [])


def test_wrong_fetches_are_named(start) -> None:
    start(ASKING)
    url = "http://example.org/"
    for call, what in (
        (lambda: fetch.start(7, "x"), "url"),
        (lambda: fetch.start(url, None), "token"),
        (lambda: fetch.start(url, "x", body={"a": 1}), "body"),
        (lambda: fetch.start(url, "x", connection="ada"), "connection"),
        (lambda: fetch.start(url, "x", timeout="soon"), "timeout"),
    ):
        with pytest.raises(TypeError, match=f"`{what}` must be"):
            call()
    for call, what in (
        (lambda: fetch.start("example.org", "x"), "request.url"),
        (lambda: fetch.start(url, "x", method="A B"), "request.method"),
        (lambda: fetch.start(url, "x", headers={"Host": "a"}), "request.headers"),
        (lambda: fetch.start(url, "x" * 1025), "token"),
        (lambda: fetch.start(url, "x", timeout=0), "request.timeout-ms"),
    ):
        with pytest.raises(InvalidArgument, match=f"^`{what}`"):
            call()


def test_who_is_not_there_asks_nothing(start) -> None:
    fake = start(ASKING)
    ada = fake.connect()
    fake.disconnect(ada)
    with pytest.raises(NoSuchConnection):
        fetch.start("http://example.org/", "x", connection=ada)


def test_without_a_hook_nothing_is_started(start) -> None:
    start("@plugin.on_timer\ndef f(t): pass")
    with pytest.raises(HostError, match=r"@plugin\.on_end"):
        fetch.start("http://example.org/", "x")


VECTORS = json.loads((Path(__file__).parents[3] / "tests/vectors/event-streams.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["what"])
def test_events_are_read_wherever_the_pieces_end(vector) -> None:
    stream = vector["stream"]
    events = [
        Event(told["data"], event=told.get("event"), id=told.get("id"), retry_ms=told.get("retry"))
        for told in vector["events"]
    ]
    assert EventReader().push("t", stream) == events
    reader = EventReader()
    assert [event for character in stream for event in reader.push("t", character)] == events
    for cut in range(len(stream) + 1):
        reader = EventReader()
        found = reader.push("t", stream[:cut])
        assert reader.push("other", "data: other\n\n") == [Event("other")]
        reader = EventReader(json.loads(json.dumps(reader.state())))
        assert found + reader.push("t", stream[cut:]) == events
        reader.end("t")
        reader.end("other")
        assert reader.state() == {}


def test_an_event_is_given_when_its_empty_line_is_there() -> None:
    reader = EventReader()
    assert reader.push("t", "data: a\r\r") == [Event("a")]
    assert reader.push("t", "\n\n") == []


def test_a_line_of_many_pieces_and_an_event_of_many_lines_are_put_together_once() -> None:
    reader = EventReader()
    reader.push("t", "data: ")
    for _ in range(200_000):
        reader.push("t", "x" * 50)
    assert len(reader.push("t", "\n\n")[0].data) == 10_000_000
    for _ in range(200_000):
        reader.push("t", "data: y\n")
    assert len(reader.push("t", "\n")[0].data) == 399_999
