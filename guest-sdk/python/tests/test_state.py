"""`connection.state` and `hub.room(name).state`: kept by the SDK."""

import json

import pytest

from roomcast_sdk import Connection, NoSuchConnection, Rejection, _state, hub
from roomcast_sdk.testing import FakeHub, Refused

TALK = """
@plugin.on_connect
def greet(c, r):
    c.join("tea")
    c.state = {"name": r.parameter("name"), "said": 0}
    if r.parameter("bad"):
        raise Rejection(403)

@plugin.on_message
def say(c, r, b):
    c.state["said"] += 1
    hub.room("tea").state = (hub.room("tea").state or 0) + 1
    return Response.json([c.state, hub.room("tea").state])

last = []

@plugin.on_disconnect
def bye(c, reason):
    last.append(c.state)
"""
OWN = """
own = {}

@plugin.save
def save(): return own.get("bytes", b"own")

@plugin.restore
def restore(state): own["restored"] = state
"""


def saved(fake: FakeHub) -> bytes:
    return _state.saved(None if "save" not in fake._instance.hooks else fake._instance.hooks["save"]())


def test_values_survive_a_reload_and_end_with_what_they_belong_to(start) -> None:
    fake = start(TALK)
    ada, bob = fake.connect("/sse?name=Ada"), fake.connect("/sse?name=Bob")
    fake.message(ada, "")
    fake.reload()
    assert json.loads(fake.message(ada, "").body.text) == [{"name": "Ada", "said": 2}, 2]
    assert bob.state == {"name": "Bob", "said": 0}
    fake.disconnect(ada)
    assert fake.plugin.last == [{"name": "Ada", "said": 2}], "on_disconnect can read it"
    assert ada.state is None and hub.room("tea").state == 2
    bob.leave("tea")
    assert hub.room("tea").state is None, "it goes with the last member"
    fake.reload()
    assert bob.state == {"name": "Bob", "said": 0}
    fake.crash()
    assert bob.state is None


def test_none_is_as_if_there_was_nothing(start) -> None:
    fake = start(TALK)
    ada = fake.connect()
    ada.state = None
    hub.room("tea").state = 1
    hub.room("tea").state = None
    assert json.loads(saved(fake)) == {"roomcast": 1, "connections": {}, "rooms": {}}


def test_nothing_is_kept_for_what_has_ended_or_was_never_there(start) -> None:
    fake = start(TALK)
    with pytest.raises(Rejection):
        fake.connect("/sse?bad=1")
    assert _state.values().connections == {}
    ada = fake.connect()
    fake.disconnect(ada)
    with pytest.raises(NoSuchConnection):
        ada.state = 1
    with pytest.raises(ValueError, match="no members"):
        hub.room("tea").state = 1


def test_a_connection_that_ended_before_a_failure_is_forgotten_by_the_save_after_the_next(start) -> None:
    fake = start(TALK)
    gone = Connection("00000000-0000-4000-8000-000000000001")
    _state.restored(b'{"roomcast":1,"connections":{"%s":1},"rooms":{"empty":1}}' % gone.id.encode())
    assert gone.state == 1, "its on_disconnect may be still to come"
    assert hub.room("empty").state is None
    assert json.loads(saved(fake))["connections"] == {}
    assert gone.state is None


@pytest.mark.parametrize("own", ["b'text'", r"b'\xff\x00'", """b'{"roomcast":7}'""", "''"])
def test_the_plugins_own_state_goes_with_it(start, own) -> None:
    fake = start(TALK + OWN + f"own['bytes'] = {own}")
    wanted = eval(own) or b""
    fake.reload()
    assert fake.plugin.own["restored"] == wanted
    ada = fake.connect()
    fake.reload()
    assert fake.plugin.own["restored"] == wanted
    assert ada.state == {"name": None, "said": 0}


def test_without_values_the_bytes_are_the_plugins_own(start) -> None:
    fake = start(OWN)
    assert saved(fake) == b"own"
    ada = fake.connect()
    ada.state = 1
    assert saved(fake) == b'{"roomcast":1,"connections":{"%s":1},"rooms":{},"plugin":"own"}' % ada.id.encode()


def test_what_is_not_json_fails_the_reload_and_is_named(start) -> None:
    fake = start(TALK)
    ada = fake.connect()
    for wrong in ({1, 2}, float("nan"), {"who": ada}):
        ada.state = wrong
        with pytest.raises(Refused, match=f"the state of connection {ada.id} is not JSON"):
            fake.reload()
    ada.state = None
    hub.room("tea").state = b"x"
    with pytest.raises(Refused, match="the state of room 'tea' is not JSON"):
        fake.reload()
    hub.room("tea").state = "\ud800"
    fake.reload()
    assert hub.room("tea").state == "\ud800"


def test_a_format_of_the_future_is_refused(start) -> None:
    start(TALK)
    with pytest.raises(ValueError, match="format 2"):
        _state.restored(b'{"roomcast":2}')


def test_a_component_without_the_hooks_says_so(start, monkeypatch) -> None:
    fake = start(TALK)
    ada = fake.connect()
    monkeypatch.setattr(_state, "exported", False)
    with pytest.raises(RuntimeError, match=r"no `\.state`"):
        ada.state = 1
