"""The lobby on a fake hub: `python -m pytest`."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from presence import GATHER
from roomcast_sdk import ACCEPTED, Connection, Refusal, Rejection
from roomcast_sdk.testing import FakeHub

Received = list[tuple[str | None, Any]]


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with FakeHub("plugin") as hub:
        yield hub


def received(hub: FakeHub, connection: Connection) -> Received:
    """What a connection has received: each event's name and data."""
    return [(event.event, json.loads(event.data)) for event in hub.received(connection)]


def ada_and_bob(hub: FakeHub) -> tuple[Connection, Connection]:
    """Ada and Bob in the room `tea`, everything told."""
    ada = hub.connect("/sse?name=Ada&room=tea")
    bob = hub.connect("/sse?name=Bob&room=tea")
    hub.advance(GATHER)
    hub.received(ada)
    hub.received(bob)
    return ada, bob


def presence(room: str, count: int, joined: list[str], left: list[str]) -> tuple[str, Any]:
    return "presence", {"room": room, "count": count, "joined": joined, "left": left, "more": 0}


def welcome(connection: Connection, name: str, room: str, people: list[str]) -> tuple[str, Any]:
    data = {"connection": str(connection), "name": name, "room": room, "count": len(people), "people": people}
    return "welcome", data


def test_an_arrival_is_welcomed_at_once_and_told_later(hub: FakeHub) -> None:
    ada = hub.connect("/sse?name=Ada&room=tea")
    assert received(hub, ada) == [welcome(ada, "Ada", "tea", ["Ada"])]
    assert (ada.tag, ada.rooms) == ("Ada", ["__all", "tea"])
    bob = hub.connect("/sse?name=+Bob+&room=tea")
    assert received(hub, bob) == [welcome(bob, "Bob", "tea", ["Ada", "Bob"])]
    hub.advance(GATHER)
    assert received(hub, ada) == [presence("tea", 2, ["Ada", "Bob"], [])]
    assert hub.timers == 0


def test_name_and_room_have_defaults(hub: FakeHub) -> None:
    somebody = hub.connect("/sse")
    name = f"guest-{str(somebody)[:4]}"
    assert received(hub, somebody) == [welcome(somebody, name, "lobby", [name])]


@pytest.mark.parametrize("query", ["name=", "name=+", "room=a%0Ab", "name=a%00b", "name=" + "x" * 41, "room=__all"])
def test_bad_names_are_rejected(hub: FakeHub, query: str) -> None:
    with pytest.raises(Rejection) as rejected:
        hub.connect(f"/sse?{query}")
    assert rejected.value.status == 400 and query[:4] in rejected.value.body
    hub.connect("/sse?name=" + "%C3%B6" * 40)
    assert hub.rooms == ["__all", "lobby"]


def test_what_is_said_reaches_the_room(hub: FakeHub) -> None:
    ada, bob = ada_and_bob(hub)
    eve = hub.connect("/sse?name=Eve&room=cake")
    hub.received(eve)
    assert hub.message(ada, '{"type":"say","text":"hi \\"all\\""}') == ACCEPTED
    chat = ("chat", {"room": "tea", "name": "Ada", "text": 'hi "all"'})
    assert (received(hub, ada), received(hub, bob), received(hub, eve)) == ([chat], [chat], [])


def test_moving_tells_both_rooms(hub: FakeHub) -> None:
    ada, bob = ada_and_bob(hub)
    eve = hub.connect("/sse?name=Eve&room=cake")
    hub.advance(GATHER)
    hub.received(eve)
    hub.message(ada, '{"type":"move","room":"cake"}')
    assert ada.rooms == ["__all", "cake"]
    hub.advance(GATHER)
    at_cake = presence("cake", 2, ["Ada"], [])
    assert received(hub, ada) == [welcome(ada, "Ada", "cake", ["Eve", "Ada"]), at_cake]
    assert received(hub, eve) == [at_cake]
    assert received(hub, bob) == [presence("tea", 1, [], ["Ada"])]


def test_moving_to_where_one_is_tells_nobody(hub: FakeHub) -> None:
    ada, bob = ada_and_bob(hub)
    hub.message(ada, '{"type":"move","room":"tea"}')
    hub.advance(GATHER)
    assert received(hub, ada) == [welcome(ada, "Ada", "tea", ["Ada", "Bob"])]
    assert received(hub, bob) == []


def test_a_new_name_is_told(hub: FakeHub) -> None:
    ada, bob = ada_and_bob(hub)
    hub.message(ada, '{"type":"name","name":"Eve"}')
    assert ada.tag == "Eve"
    hub.advance(GATHER)
    assert received(hub, bob) == [presence("tea", 2, ["Eve"], ["Ada"])]


def test_a_departure_is_told(hub: FakeHub) -> None:
    ada, bob = ada_and_bob(hub)
    hub.disconnect(ada)
    hub.advance(GATHER)
    assert received(hub, bob) == [presence("tea", 1, [], ["Ada"])]
    hub.disconnect(bob)
    hub.advance(GATHER)
    assert (hub.plugin.people, hub.rooms) == ({}, [])


def test_a_quick_reconnect_is_no_news(hub: FakeHub) -> None:
    ada, bob = ada_and_bob(hub)
    hub.disconnect(ada)
    hub.connect("/sse?name=Ada&room=tea")
    hub.advance(GATHER)
    assert received(hub, bob) == []


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ("hi", "JSON"),
        ('{"type":"say"}', "text"),
        ('{"type":"sing","text":"la"}', "sing"),
        ('{"type":"say","text":" "}', "empty"),
        ('{"type":"say","text":"%s"}' % ("x" * 2001), "2,000"),
        ('{"type":"move","room":""}', "room"),
        ('{"type":"name","name":"a\\nb"}', "name"),
        ("[" * 100_000, "nested"),
        (b"\xff", "UTF-8"),
    ],
)
def test_bad_messages_are_answered_with_what_is_wrong(hub: FakeHub, body: str | bytes, named: str) -> None:
    ada, bob = ada_and_bob(hub)
    with pytest.raises(Refusal, match=named):
        hub.message(ada, body)
    with pytest.raises(Refusal, match="Roomcast-Connection"):
        hub.message(None, '{"type":"say","text":"hi"}')
    assert received(hub, bob) == []


def test_a_thousand_arrivals_cost_one_broadcast(hub: FakeHub) -> None:
    for number in range(1000):
        last = hub.connect(f"/sse?name=n{number}")
    hub.advance(GATHER)
    [told] = hub.broadcasts()
    assert len(told.event.data) < 1000
    (_, welcomed), (_, data) = received(hub, last)
    assert (len(welcomed["people"]), welcomed["count"], data["count"]) == (50, 1000, 1000)
    assert len(data["joined"]) + data["more"] == 1000, "nobody is forgotten"


def test_a_reload_goes_unnoticed(hub: FakeHub) -> None:
    ada, bob = ada_and_bob(hub)
    eve = hub.connect("/sse?name=Eve&room=tea")
    hub.reload()
    hub.advance(GATHER)
    assert received(hub, ada) == [presence("tea", 3, ["Eve"], [])]
    hub.message(bob, '{"type":"say","text":"still here"}')
    assert received(hub, eve)[-1][1]["name"] == "Bob"
    hub.disconnect(ada)
    hub.advance(GATHER)
    assert received(hub, eve) == [presence("tea", 2, [], ["Ada"])]


@pytest.mark.parametrize("state", [b"{}", b"x", b"[]", b'{"people":{"x":{}},"presence":{}}'])
def test_foreign_state_is_refused(hub: FakeHub, state: bytes) -> None:
    with pytest.raises(Refusal, match="not a lobby's"):
        hub.plugin.restore(state)


def test_after_a_crash_people_are_known_by_their_tags(hub: FakeHub) -> None:
    ada, bob = ada_and_bob(hub)
    hub.crash()
    eve = hub.connect("/sse?name=Eve&room=tea")
    assert received(hub, eve)[0] == welcome(eve, "Eve", "tea", ["Ada", "Bob", "Eve"])
    hub.message(ada, '{"type":"say","text":"hi"}')
    assert received(hub, bob)[0][1]["name"] == "Ada"
