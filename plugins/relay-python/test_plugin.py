"""Run with `python -m pytest`. No server, no model and no WebAssembly is needed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from roomcast_sdk import ACCEPTED, Body, Connection, Pass, Refusal, Response
from roomcast_sdk.fetch import Failure, FailureKind, Outgoing
from roomcast_sdk.testing import FakeHub, Refused, StartedFetch

from model import Answer, Done, Failed

UPSTREAM = "http://127.0.0.1:9000/answer"


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with FakeHub("plugin", config={"upstream": UPSTREAM, "authorization": "Bearer a"}) as hub:
        yield hub


@pytest.fixture
def ada(hub: FakeHub) -> Connection:
    """A client that has read its welcome."""
    ada = hub.connect()
    assert seen(hub, ada) == [("welcome", {"connection": str(ada)})]
    return ada


def seen(hub: FakeHub, connection: Connection) -> list[tuple[str | None, object]]:
    return [(event.event, json.loads(event.data)) for event in hub.received(connection)]


def ask(hub: FakeHub, connection: Connection | None, prompt: object) -> Response | Pass:
    return hub.message(connection, json.dumps({"type": "ask", "prompt": prompt}))


def say(token: str) -> str:
    return f"data: {json.dumps({'token': token})}\n\n"


def test_tokens_reach_who_has_asked_and_nobody_else(hub: FakeHub, ada: Connection) -> None:
    bob = hub.connect()
    assert ask(hub, ada, "Wie geht's?") == Response.json({"ask": 1}, 202)
    assert ask(hub, bob, "again") == Response.json({"ask": 2}, 202)
    first, second = hub.fetches
    headers = [("content-type", "application/json"), ("accept", "text/event-stream"), ("authorization", "Bearer a")]
    assert first.request == Outgoing("POST", UPSTREAM, headers, Body('{"prompt": "Wie geht\'s?"}'), str(ada), None)
    assert first.token == f"{ada} 1"
    hub.chunk(first, say("Gu") + say("t, ü") + 'data: {"tok')
    hub.chunk(second, say("not for Ada"))
    hub.reload()
    hub.chunk(first, 'en":"🎉"}\r\n\r\ndata: [DONE]\n\ndata: late')
    told = [("token", {"ask": 1, "text": "Gut, ü"}), ("token", {"ask": 1, "text": "🎉"}), ("done", {"ask": 1})]
    assert (seen(hub, ada), hub.fetches) == (told, [second])
    assert ask(hub, ada, "next") == Response.json({"ask": 3}, 202)


@pytest.mark.parametrize("prompt", [None, 7, "", " \n", "ü" * 4001])
def test_what_is_no_question_is_refused(hub: FakeHub, ada: Connection, prompt: object) -> None:
    with pytest.raises(Refusal, match="`prompt` is a text"):
        ask(hub, ada, prompt)


@pytest.mark.parametrize("body", ["{", "null", "7", '{"type":"x"}', b"\xff"])
def test_what_is_no_message_is_refused(hub: FakeHub, ada: Connection, body: str | bytes) -> None:
    with pytest.raises(Refusal):
        hub.message(ada, body)


def test_one_question_at_a_time(hub: FakeHub, ada: Connection) -> None:
    ask(hub, ada, "🎉" * 4000)
    with pytest.raises(Refusal, match="under way"):
        ask(hub, ada, "more")
    with pytest.raises(Refusal, match="name your stream"):
        ask(hub, None, "more")
    for _ in range(2):
        assert (hub.message(ada, '{"type":"stop"}'), hub.fetches) == (ACCEPTED, [])
    assert ask(hub, ada, "more") == Response.json({"ask": 2}, 202)


FAILURES: list[tuple[Callable[[FakeHub, StartedFetch], None], str]] = [
    (lambda hub, asked: hub.respond(asked, 500), "the model answers with status 500"),
    (lambda hub, asked: hub.chunk(asked, "data: nonsense\n"), "the model said something that is not JSON"),
    (lambda hub, asked: hub.chunk(asked, f"data: {'[' * 9000}\n"), "the model said something that is not JSON"),
    (lambda hub, asked: hub.chunk(asked, b"\xff"), "the model said something that is not JSON"),
    (lambda hub, asked: hub.chunk(asked, "x" * 65_537), "the model sent a line that is too long"),
    (lambda hub, asked: hub.end(asked), "the answer broke off"),
    (
        lambda hub, asked: hub.end(asked, Failure(FailureKind.UNREACHABLE, "nobody")),
        "the model cannot be asked: nobody",
    ),
    (
        lambda hub, asked: hub.end(asked, Failure(FailureKind.LIMIT_EXCEEDED, "2MiB", "http.stream_bytes")),
        "a limit was reached: http.stream_bytes",
    ),
]


@pytest.mark.parametrize(("happens", "why"), FAILURES)
def test_what_fails_is_told_once(
    hub: FakeHub, ada: Connection, happens: Callable[[FakeHub, StartedFetch], None], why: str
) -> None:
    ask(hub, ada, "x")
    happens(hub, hub.fetches[0])
    assert (seen(hub, ada), hub.fetches) == ([("failed", {"ask": 1, "why": why})], [])


def test_who_asked_is_told_when_the_state_is_lost_unless_it_has_gone(hub: FakeHub, ada: Connection) -> None:
    bob = hub.connect()
    ask(hub, ada, "x")
    hub.crash()
    assert seen(hub, ada) == [("failed", {"ask": 1, "why": "the plugin was started again"})]
    ask(hub, bob, "y")
    hub.disconnect(bob)
    assert ([event for event, _ in seen(hub, bob)], hub.fetches) == (["welcome"], [])


def test_without_an_upstream_it_does_not_start() -> None:
    with pytest.raises(Refused, match="`upstream` is not set"):
        FakeHub("plugin")


WHOLE = (
    f": hi\nevent: x\ndata:{json.dumps({'token': 'a'})}\r\n\n"
    f'data: {{"token":""}}\ndata: {{"other":1}}\ndata: 5\n{say("ü🎉")}data: [DONE]\n'
)


@pytest.mark.parametrize("cut", range(len(WHOLE) - 1))
def test_lines_are_read_wherever_the_pieces_end(cut: int) -> None:
    answer = Answer()
    begun, none = answer.read(Body(WHOLE[:cut]))
    rest, end = answer.read(Body(WHOLE[cut:]))
    assert (begun + rest, none, end) == ("aü🎉", None, Done())


def test_the_longest_line() -> None:
    assert Answer().read(Body("ü" * 32_768 + "\r\n")) == ("", None)
    assert isinstance(Answer().read(Body("ü" * 32_768 + "x\n"))[1], Failed)
