"""The hooks, as an author uses them on the fake hub."""

import logging
import re

import pytest

from roomcast_sdk import PASS, DisconnectReason, Event, Rejection, Response, hub
from roomcast_sdk._fault import BUSY, FAILED
from roomcast_sdk.hooks import HookError
from roomcast_sdk.testing import FakeHub, Refused

CHAT = """
people = {}

@plugin.init
def start():
    if config.get("name") == "":
        raise ConfigError("`name` is empty")

@plugin.on_connect
def greet(connection, request):
    name = request.parameter("name")
    if name is None:
        raise Rejection(401, "tell your name", {"WWW-Authenticate": "Name"})
    people[connection] = name
    connection.tag = name
    connection.join("tea")
    connection.send(f"hello {name}")

@plugin.on_disconnect
def bye(connection, reason):
    people.pop(connection)
    hub.broadcast("tea", f"{connection.tag} left: {reason}")

@plugin.on_message
def say(connection, request, body):
    if body.text == "close":
        connection.close()
    elif body.text == "nobody":
        raise Refusal("say something")
    elif body.text == "later":
        timers.after(1, "later")
    elif body.text == "next":
        return PASS
    elif body.text == "nothing":
        raise Rejection(204)
    elif body.text == "teapot":
        raise Rejection(418, "short and stout")
    elif body.text == "bug":
        raise KeyError("bug")
    elif body.text == "long":
        connection.join("x" * 257)
    elif body.text == "rooms":
        for number in range(100):
            connection.join(str(number))
    else:
        return body.text.upper()

@plugin.on_timer
def fire(token):
    hub.broadcast("tea", token)
    for connection in people:
        connection.join("")

@plugin.save
def save():
    return ",".join(f"{key}={value}" for key, value in people.items())

@plugin.restore
def restore(state):
    for pair in state.decode().split(","):
        key, value = pair.split("=")
        people[Connection(key)] = value
"""


def test_a_connection_is_greeted_or_rejected(start) -> None:
    fake = start(CHAT)
    ada = fake.connect("/sse?name=Ada")
    assert fake.received(ada) == [Event("hello Ada")]
    assert fake.received(ada) == []
    assert (ada.tag, ada.rooms, fake.plugin.people) == ("Ada", ["__all", "tea"], {ada: "Ada"})
    with pytest.raises(Rejection) as rejected:
        fake.connect("/sse")
    assert (rejected.value.status, rejected.value.headers) == (401, [("www-authenticate", "Name")])
    assert hub.count("__all") == 1


def test_the_end_is_told_once(start) -> None:
    fake = start(CHAT)
    ada, bob = fake.connect("/sse?name=Ada"), fake.connect("/sse?name=Bob")
    fake.received(bob)
    assert fake.message(ada, "close") == Response(202)
    assert fake.received(bob) == [Event("Ada left: plugin-closed")]
    fake.disconnect(ada)
    fake.disconnect(bob, DisconnectReason.SLOW_CONSUMER)
    assert (fake.plugin.people, fake.rooms) == ({}, [])


def test_answers_to_messages(start) -> None:
    fake = start(CHAT)
    ada = fake.connect("/sse?name=Ada")
    assert fake.message(ada, "hi") == Response(200, "HI")
    assert fake.message(ada, b"hi") == Response(200, "HI")
    assert fake.message(ada, "next") is PASS
    for body, status, why in (
        ("nobody", 400, "say something"),
        (b"\xff", 400, "the body must be text in UTF-8"),
        ("teapot", 418, "short and stout"),
        ("bug", 500, FAILED),
        ("nothing", 500, FAILED),
        ("long", 500, FAILED),
        ("rooms", 503, BUSY),
    ):
        with pytest.raises(Rejection) as rejected:
            fake.message(ada, body)
        assert (rejected.value.status, rejected.value.body) == (status, why), body


def test_an_error_of_the_host_is_logged_with_its_place_and_not_shown_to_the_client(start) -> None:
    fake = start(CHAT)
    ada = fake.connect("/sse?name=Ada")
    fake.logs()
    with pytest.raises(Rejection):
        fake.message(ada, "long")
    (record,) = fake.logs(logging.ERROR)
    where = r", at \w+\.py:\d+ in say `connection\.join\(\"x\" \* 257\)`$"
    assert record.context == "on_message"
    assert re.search("^InvalidArgument: `room`: is at most 256 bytes long" + where, record.message), record.message


def test_timers_fire_and_a_refused_call_in_them_is_logged(start) -> None:
    fake = start(CHAT)
    ada = fake.connect("/sse?name=Ada")
    fake.received(ada)
    fake.message(ada, "later")
    fake.advance(0.999)
    assert fake.received(ada) == []
    fake.advance(0.001)
    assert (fake.received(ada), fake.timers) == ([Event("later")], 0)
    (logged,) = fake.logs(logging.ERROR)
    assert logged.context == "on_timer"
    assert "InvalidArgument: `room`: must not be empty, at " in logged.message


def test_a_reload_hands_state_and_timers_over(start) -> None:
    fake = start(CHAT)
    ada = fake.connect("/sse?name=Ada")
    fake.message(ada, "later")
    before = fake.plugin
    fake.reload()
    assert fake.plugin is not before and fake.plugin.people == {ada: "Ada"}
    fake.advance(1)
    assert fake.received(ada)[-1] == Event("later")


def test_a_reload_that_is_refused_changes_nothing(start) -> None:
    fake = start(CHAT)
    fake.connect("/sse?name=Ada")
    before = fake.plugin
    fake.configure("name", "")
    with pytest.raises(Refused, match="`name` is empty"):
        fake.reload()
    assert fake.plugin is before and len(before.people) == 1


def test_a_crash_loses_the_state_and_keeps_the_connections(start) -> None:
    fake = start(CHAT)
    ada = fake.connect("/sse?name=Ada")
    fake.message(ada, "later")
    fake.crash()
    assert (fake.plugin.people, fake.timers, ada.is_open, ada.tag) == ({}, 0, True, "Ada")


def test_any_exception_in_init_and_restore_refuses(start) -> None:
    fake = start(
        """
        @plugin.on_timer
        def fire(token): pass
        @plugin.save
        def save(): return "x"
        @plugin.restore
        def restore(state): {}[state]
        """
    )
    before = fake.plugin
    with pytest.raises(Refused, match=r"^KeyError: b'x', at \w+\.py:\d+ in restore"):
        fake.reload()
    assert fake.plugin is before


@pytest.mark.parametrize(
    ("answer", "why"),
    [("{}['a']", "^KeyError: 'a', at .* in save"), ("7", r"^\S+:\d+: save returned int 7"), ("refuse()", "^not now$")],
)
def test_a_save_that_fails_keeps_the_instance(start, answer, why) -> None:
    fake = start(
        f"""
        @plugin.on_message
        def say(c, r, b): pass
        @plugin.save
        def save(): return {answer}
        @plugin.restore
        def restore(state): pass
        def refuse(): raise Refusal("not now")
        """
    )
    before = fake.plugin
    with pytest.raises(Refused, match=why):
        fake.reload()
    assert fake.plugin is before and fake.message(None, "x") == Response(202)


def test_rooms(start) -> None:
    fake = start(
        """
        @plugin.on_join
        def join(connection, room):
            if room == "staff":
                raise Refusal("members only")
            if room == "board":
                raise Rejection(403, "by invitation", {"X-Ask": "Ada"})
            if room == "nothing":
                raise Rejection(204)
        @plugin.on_leave
        def leave(connection, room):
            log.info("left %s", room)
        """
    )
    ada = fake.connect()
    fake.join(ada, "tea")
    for room, status, text in (
        ("staff", 400, "members only"),
        ("board", 403, "by invitation"),
    ):
        with pytest.raises(Rejection) as rejected:
            fake.join(ada, room)
        assert (rejected.value.status, rejected.value.body) == (status, text)
    with pytest.raises(AssertionError, match="204"):
        fake.join(ada, "nothing")
    fake.leave(ada, "staff")
    fake.leave(ada, "tea")
    fake.disconnect(ada)
    assert [record.message for record in fake.logs()] == ["left tea", "left __all"]


def test_publishing(start) -> None:
    fake = start(
        """
        @plugin.on_publish
        def publish(room, event, origin):
            if room == "quiet":
                raise Refusal(f"not from {origin.kind}")
            if event.data == "spam":
                return Event("***")
        """
    )
    ada = fake.connect()
    assert (fake.publish("__all", "hi"), fake.publish("__all", Event("spam", event="x"))) == (1, 1)
    assert fake.received(ada) == [Event("hi"), Event("***")]
    with pytest.raises(Rejection) as rejected:
        fake.publish("quiet", "hi")
    assert (rejected.value.status, rejected.value.body) == (400, "not from api")


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("", "no hook"),
        ("@plugin.init\ndef f(): pass", "no hook"),
        ("@plugin.on_timer\ndef f(): pass", r"py:6: `f` is called as on_timer with \(token\).*write def f\(token\)"),
        ("@plugin.on_timer\nasync def f(t): pass", "plain `def`"),
        ("@plugin.on_timer\ndef f(t): yield", "must not `yield`"),
        ("@plugin.on_timer\ndef f(t): pass\n@plugin.on_timer\ndef g(t): pass", "already, at .*py:6"),
        ("@plugin.on_timer\ndef f(t): pass\n@plugin.save\ndef g(): pass", "counterpart @plugin.restore"),
    ],
)
def test_hooks_that_cannot_be(start, source, why) -> None:
    with pytest.raises(HookError, match=why):
        start("\n" + source)


def test_a_typo_is_told_with_what_may_be_meant(start) -> None:
    with pytest.raises(AttributeError, match=r"did you mean @plugin.on_connect"):
        start("@plugin.on_conect\ndef f(c, r): pass")


def test_the_host_is_not_there_while_a_plugin_is_built(start) -> None:
    with pytest.raises(RuntimeError, match=r"move it into a function with @plugin\.init"):
        start("hub.count('tea')")
    with pytest.raises(RuntimeError, match=r"FakeHub"):
        hub.count("tea")


def test_there_is_one_hub_at_a_time(start) -> None:
    start("@plugin.on_timer\ndef f(t): pass")
    with pytest.raises(RuntimeError, match="FakeHub already"):
        FakeHub("plugin")


def test_config(start) -> None:
    fake = start(
        """
        @plugin.init
        def start():
            global found
            found = (config.get("a"), config.get("b", "-"), config.parse("n", int, 1), config.parse("on", bool))
            config.require("a")
        @plugin.on_timer
        def f(t): pass
        """,
        a="x",
        n="250",
        on="false",
    )
    assert fake.plugin.found == ("x", "-", 250, False)
    for key, value, why in (("n", "many", 'config `n` = "many": invalid'), ("on", "yes", '"true" or "false"')):
        fake.configure(key, value)
        with pytest.raises(Refused, match=why):
            fake.reload()
        fake.configure(key, "1" if key == "n" else "true")
    fake._world.config.pop("a")
    with pytest.raises(Refused, match="config `a` is not set"):
        fake.reload()
