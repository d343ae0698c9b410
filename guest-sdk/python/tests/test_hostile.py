"""Whatever a client sends, a call has an answer: no exception leaves the dispatcher, and the instance keeps its state."""

import json
import random
import sys

import pytest

from roomcast_sdk import Body, Connection, Event, Pass, Rejection, Request, Response, _dispatch
from roomcast_sdk.event import to_json
from roomcast_sdk.hooks import Hook
from roomcast_sdk.message import ACCEPTED
from roomcast_sdk.reason import Origin
from roomcast_sdk.request import MadeHead

READS_ALL = """
@plugin.on_connect
def greet(c, r):
    c.tag = (r.parameter("name") or r.header("cookie") or r.last_event_id or "")[:100]
    c.send(Event.json([r.method, r.path, r.query, r.headers, r.peer, r.parameters()]))
    c.state = {"name": c.tag}

@plugin.on_message
def say(c, r, b):
    said = b.json()
    hub.broadcast("__all", Event.json({"from": r.parameter("name"), "said": said}))
    if isinstance(said, dict):
        c.state = said
        return Response.json(said)
    return str(said) if isinstance(said, (str, int)) else b.text_lossy

@plugin.on_publish
def publish(room, event, origin):
    return Event.json(json.loads(event.data), event=event.event, id=event.id)

import json
"""

SURROGATE, NUL, LONG = "\ud800", "\x00", "9" * 5000
TEXTS = [
    "",
    "a",
    "ä\U0001f600",
    SURROGATE,
    f"x{SURROGATE}\udfff",
    NUL,
    "\r\n",
    "%",
    "%zz",
    "%ff%00",
    "+",
    "a=b&a",
    LONG,
]
BODIES = [
    b"",
    b"\xff\xfe\x00",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf{}",
    b"[" * 100_000,
    b"[" * 60 + b"]" * 60,
    b'{"a":' * 1000,
    LONG.encode(),
    b"-" + LONG.encode(),
    b"1e999",
    b"-0",
    b"NaN",
    b"[Infinity]",
    b'"\\ud800"',
    b'{"\\udfff":"\\ud800"}',
    b'{"__proto__":1,"__class__":2}',
    b'{"a":1,"a":2}',
    b'"' + b"a" * 300_000 + b'"',
    b'"' + b'\\"' * 50_000,
    b"null",
    b"true",
    b"{}",
]


def bodies(chance: random.Random) -> list[bytes]:
    """Those above, random bytes, and cut and changed JSON."""
    made = [chance.randbytes(chance.randrange(64)) for _ in range(200)]
    for _ in range(200):
        text = json.dumps({chance.choice(TEXTS): [chance.random(), chance.choice(TEXTS), None]}).encode()
        at = chance.randrange(len(text))
        made.append(text[:at] + chance.randbytes(chance.randrange(3)) + text[at + chance.randrange(2) :])
    return BODIES + made


def head(chance: random.Random) -> MadeHead:
    text = lambda: chance.choice(TEXTS)  # noqa: E731
    headers = [(chance.choice(["cookie", "last-event-id", "x"]), text()) for _ in range(chance.randrange(4))]
    return MadeHead("POST", "/" + text(), chance.choice([None, text(), f"name={text()}"]), headers, "127.0.0.1:1")


def check(answer: object) -> None:
    """The host takes it: text that is UTF-8, and a status."""
    if isinstance(answer, (Rejection, Response)):
        assert 200 <= answer.status <= 599
        body = answer.body
        (body.content.decode() if isinstance(body, Body) else body).encode()
        for name, value in answer.headers:
            (name + value).encode()


@pytest.mark.parametrize("number", ["1e999", "-1e999", "9" * 400 + ".0"])
def test_a_number_that_is_too_large_is_the_clients_mistake(start, number) -> None:
    fake = start(READS_ALL)
    with pytest.raises(Rejection, match="is too large"):
        fake.message(None, f"[{number}]")
    assert json.loads(fake.message(fake.connect(), '{"a": 1.5e300}').body.text) == {"a": 1.5e300}


def test_a_message_is_answered(start) -> None:
    fake = start(READS_ALL)
    hooks: dict[str, Hook] = fake._instance.hooks
    chance = random.Random(1)
    ada = fake.connect()
    for content in bodies(chance):
        for connection in (ada, None):
            check(_dispatch.message(hooks, connection, head(chance), Body(content)))
    fake.reload()
    assert ada.state is not None


def test_a_stream_is_answered(start) -> None:
    fake = start(READS_ALL)
    chance = random.Random(2)
    for _ in range(300):
        connection = Connection(fake._world.open())
        check(_dispatch.connect(fake._instance.hooks, connection, head(chance)))
    fake.reload()


def test_an_event_is_answered(start) -> None:
    fake = start(READS_ALL)
    chance = random.Random(3)
    for content in bodies(chance):
        event = Event(content.decode(errors="replace"), event=chance.choice(TEXTS), id=chance.choice(TEXTS))
        answer = _dispatch.publish(fake._instance.hooks, chance.choice(TEXTS), event, Origin("api", ""))
        check(answer)
        if isinstance(answer, Event):
            (answer.data + (answer.event or "") + (answer.id or "")).encode()


@pytest.mark.parametrize("value", [float("nan"), [[]], {"a": {SURROGATE: SURROGATE}}, 10**400])
def test_any_value_is_json_or_a_fault_of_the_plugin(start, value) -> None:
    deep: list[object] = []
    for _ in range(sys.getrecursionlimit() * 2):
        deep = [deep]
    fake = start("@plugin.on_message\ndef m(c, r, b): return Response.json(values[0])\nvalues = []")
    for one in (value, deep):
        fake.plugin.values[:] = [one]
        answer = _dispatch.message(fake._instance.hooks, None, Request.post("/")._read(), Body())
        check(answer)
        assert answer is not ACCEPTED and not isinstance(answer, Pass)
    assert to_json("\ud800")
