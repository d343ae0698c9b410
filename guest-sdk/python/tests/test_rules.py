"""The fake hub refuses what the contract refuses."""

import pytest

from roomcast_sdk import Connection, Event, http, hub, keyvalue, timers
from roomcast_sdk.errors import (
    ConnectionClosed,
    InvalidArgument,
    LimitExceeded,
    NoSuchConnection,
    NotPermitted,
    StoreError,
)
from roomcast_sdk.hub import Duplicates

ROOMS = "@plugin.on_join\ndef f(c, r): pass"
CLOCK = "@plugin.on_timer\ndef f(token): pass"


def wrong(argument: str):
    return pytest.raises(InvalidArgument, match=f"^`{argument}`")


def limit(key: str):
    return pytest.raises(LimitExceeded, match=f"^`{key}`")


def test_events_that_would_forge_fields(start) -> None:
    fake = start(ROOMS)
    ada = fake.connect()
    for bad in ("a\nb", "a\0", "\x85", "x" * 1025, "ä" * 513, "a\n"):
        with wrong("event.id"):
            ada.send(Event("", id=bad))
    for bad in ("a\nb", "a\rb", "a\0b", "x" * 257):
        with wrong("event.event"):
            hub.broadcast("__all", Event("", event=bad))
    with wrong("event.retry_ms"):
        ada.send(Event("", retry_ms=499))
    with wrong("text"):
        ada.comment("a\nb")
    with limit("limits.event_bytes"):
        ada.send("x" * ((256 << 10) + 1))
    assert fake.received(ada) == []
    sound = Event("a\r\nb", id='{"ä": 0/9}', event="tick tock", retry_ms=500)
    ada.send(sound)
    ada.send(Event("", id=""))
    ada.comment("ping")
    assert (fake.received(ada), fake.comments(ada)) == ([sound, Event("", id="")], ["ping"])


@pytest.mark.parametrize("bad", ["", "a\nb", "\x85", "x" * 257])
def test_room_names(start, bad) -> None:
    ada = start(ROOMS).connect()
    for call in (ada.join, ada.leave, hub.count, hub.members, lambda room: hub.broadcast(room, "")):
        with wrong("room"):
            call(bad)


def test_rooms_come_and_go_with_their_members(start) -> None:
    fake = start(ROOMS)
    ada, bob = fake.connect(), fake.connect()
    ada.join("tea")
    ada.join("tea")
    assert (hub.count("tea"), ada.rooms) == (1, ["__all", "tea"])
    assert hub.broadcast("nobody", "") == 0
    bob.leave("tea")
    first = hub.members("__all", limit=1)
    last = hub.members("__all", at=first.next, limit=1)
    assert (first.members, first.total, last.members, last.total, last.next) == ([bob], 2, [ada], 2, None)
    for bad in (0, 1001):
        with wrong("limit"):
            hub.members("__all", limit=bad)
    with pytest.raises(ValueError, match="`at`"):
        hub.members("__all", at=-1)
    ada.close()
    assert fake.rooms == ["__all"]


def test_all_members_are_those_of_all_pages_each_once(start, monkeypatch) -> None:
    fake = start(ROOMS)
    everyone = [fake.connect() for _ in range(2500)]
    found = hub.all_members("__all")
    assert (len(found), set(found)) == (2500, set(everyone))
    assert hub.all_members("nobody") == []
    one, other = hub.Members([everyone[0]], 2, 7), hub.Members([everyone[1], everyone[0]], 2)
    monkeypatch.setattr(hub, "members", lambda room, *, at=None: one if at is None else other)
    assert hub.all_members("__all") == everyone[:2]


def test_broadcasts_to_many_rooms(start) -> None:
    fake = start(ROOMS)
    ada, bob = fake.connect(), fake.connect()
    ada.join("tea")
    rooms = ["__all", "tea"]
    assert hub.broadcast_many(rooms, "x") == 2
    assert hub.broadcast_many(rooms, "x", duplicates=Duplicates.KEEP) == 3
    assert hub.broadcast_many(rooms, "x", exclude=ada, duplicates=Duplicates.KEEP) == 1
    assert hub.broadcast("__all", "x", exclude=ada) == 1
    assert (len(fake.received(ada)), len(fake.received(bob)), len(fake.broadcasts())) == (3, 4, 4)
    with wrong("rooms"):
        hub.broadcast_many(["a"] * 1001, "x")
    with pytest.raises(TypeError):
        hub.broadcast_many("tea", "x")


def test_connections_that_are_not_there(start) -> None:
    fake = start(ROOMS)
    ada = fake.connect()
    nobody = Connection("0192f3c4-7b1e-4c55-9c0e-2f6d1c1b8a77")
    assert not nobody.is_open
    for call in (lambda: nobody.send(""), lambda: nobody.join("tea"), lambda: nobody.tag, nobody.close):
        with pytest.raises(NoSuchConnection):
            call()
    ada.close()
    assert not ada.is_open
    for call in (lambda: ada.send(""), lambda: ada.leave("__all"), ada.close):
        with pytest.raises(ConnectionClosed):
            call()
    fake.publish("tea", "the next thing that happens")
    with pytest.raises(NoSuchConnection):
        ada.send("")


def test_tags(start) -> None:
    ada = start(ROOMS).connect()
    assert ada.tag is None
    ada.tag = "Ada"
    with limit("limits.tag_bytes"):
        ada.tag = "x" * 1025
    assert ada.tag == "Ada"
    ada.tag = None
    assert ada.tag is None


def test_timers_need_the_hook(start) -> None:
    start(ROOMS)
    with wrong("token"):
        timers.after(1, "x")


def test_timers_have_bounds(start) -> None:
    fake = start(CLOCK)
    with wrong("delay-ms"):
        timers.after(0, "x")
    with wrong("delay-ms"):
        timers.every(5_000_000, "x")
    with wrong("token"):
        timers.after(1, "x" * 1025)
    timer = timers.every(1, "x")
    for _ in range(999):
        timers.after(1, "x")
    with limit("limits.timers"):
        timers.after(1, "x")
    assert (timer.cancel(), timer.cancel(), fake.timers) == (True, False, 999)


def test_timers_fire_in_the_order_in_which_they_are_due(start) -> None:
    fake = start("@plugin.on_timer\ndef f(token): log.info(token)")
    timers.after(0.02, "once")
    timers.every(0.015, "every")
    fake.advance(0.045)
    assert [record.message for record in fake.logs()] == ["every", "once", "every", "every"]


def test_a_timer_that_the_new_instance_sets_too_goes_on_in_step(start) -> None:
    fake = start(
        """
        @plugin.init
        def start(): timers.every(1, "tick")
        @plugin.on_timer
        def f(token): log.info(token)
        """
    )
    fake.advance(0.7)
    fake.reload()
    fake.advance(0.3)
    assert ([record.message for record in fake.logs()], fake.timers) == (["tick"], 1)


def test_the_store(start) -> None:
    fake = start(ROOMS)
    assert (keyvalue.get("a"), keyvalue.exists("a")) == (None, False)
    keyvalue.set("a", "é")
    keyvalue.set("b", b"\xff")
    assert (keyvalue.get("a"), keyvalue.get("b"), keyvalue.keys()) == ("é".encode(), b"\xff", ["a", "b"])
    assert (keyvalue.increment("n"), keyvalue.increment("n", -5)) == (1, -4)
    for call in (
        lambda: keyvalue.increment("a"),
        lambda: keyvalue.set("x" * 1025, ""),
        lambda: keyvalue.set("x", b"x" * (10 << 20)),
    ):
        with pytest.raises(StoreError):
            call()
    keyvalue.delete("a")
    fake.crash()
    assert keyvalue.keys() == ["b", "n"]


def test_requests(start) -> None:
    fake = start(ROOMS)
    with pytest.raises(NotPermitted, match=r"capabilities\.http"):
        http.get("https://example.org/")
    asked = []
    fake.answer_http(lambda request: asked.append(request) or http.Answer(201, b'{"a":1}', [("x", "y")]))
    answer = http.post("https://example.org/a?b", "body", headers={"X-Key": "k"}, timeout=0.5)
    assert (answer.status, answer.json(), answer.header("X")) == (201, {"a": 1}, "y")
    assert asked == [http.Outgoing("POST", "https://example.org/a?b", [("x-key", "k")], b"body", 500)]
    for bad in ("example.org", "ftp://example.org/", "https:///x"):
        with pytest.raises(ValueError):
            http.get(bad)
