"""What a hook does not catch: it costs the call, and is logged with its place."""

import logging
import re

import pytest

from roomcast_sdk import Rejection, timers
from roomcast_sdk._fault import FAILED


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("@plugin.on_connect\ndef f(c, r): return Rejection(403)", "raise it"),
        ("@plugin.on_connect\ndef f(c, r): return True", r"py:\d+: on_connect returned bool True"),
    ],
)
def test_a_wrong_answer_does_not_let_a_client_in(start, source, why) -> None:
    fake = start(source)
    with pytest.raises(Rejection) as rejected:
        fake.connect()
    assert rejected.value.status == 500
    assert re.search(why, fake.logs()[-1].message)


@pytest.mark.parametrize("answer", ["5", "{'a': 1}", "b'x'", "Event('x')"])
def test_a_wrong_answer_to_a_message(start, answer) -> None:
    fake = start(f"@plugin.on_message\ndef f(c, r, b): return {answer}")
    with pytest.raises(Rejection, match=r"^500"):
        fake.message(None, "x")
    assert "return a Response, a str or None" in fake.logs()[-1].message


FAULTY = """
votes = 0

@plugin.on_connect
def come(c, r):
    if r.parameter("bug"):
        [][1]

@plugin.on_disconnect
def go(c, reason): nobody

@plugin.on_join
def join(c, room): {}["join"]

@plugin.on_leave
def leave(c, room): {}["leave"]

@plugin.on_publish
def publish(room, event, origin): {}["publish"]

@plugin.on_timer
def fire(token): 1 / 0

@plugin.on_message
def vote(c, r, b):
    global votes
    timers.after(1, "t")
    votes += b.json()["n"]
    return str(votes)
"""


def test_a_fault_costs_the_call_and_not_the_state(start) -> None:
    fake = start(FAULTY)
    ada = fake.connect()
    assert fake.message(ada, '{"n":1}').body.text == "1"
    with pytest.raises(Rejection, match=FAILED):
        fake.message(ada, '{"m":1}')
    assert fake.message(ada, '{"n":1}').body.text == "2"
    with pytest.raises(Rejection) as rejected:
        fake.connect("/sse?bug=1")
    assert rejected.value.status == 500
    with pytest.raises(Rejection, match=FAILED):
        fake.join(ada, "tea")
    with pytest.raises(Rejection, match=FAILED):
        fake.publish("tea", "x")
    fake.advance(1)
    fake.leave(ada, "__all")
    fake.disconnect(ada)
    said = [record.message for record in fake.logs(logging.ERROR)]
    kinds = ["KeyError: 'n'", "IndexError: list index out of range", "KeyError: 'join'", "KeyError: 'publish'"]
    kinds += ["ZeroDivisionError: division by zero"] * 3 + [
        "KeyError: 'leave'",
        "NameError: name 'nobody' is not defined",
    ]
    assert [line.partition(", at ")[0] for line in said] == kinds, "one record for each"
    assert not any("_dispatch" in line for line in said), "places are the plugin's own lines"
    assert fake.message(None, '{"n":1}').body.text == "3"


@pytest.mark.parametrize(
    ("call", "record"),
    [
        (
            "json.loads('{')",
            r"^JSONDecodeError: .*, at \w+\.py:7 in load `json\.loads\('{'\)`, called at \w+\.py:9 in f$",
        ),
        (
            "load()",
            r"^RecursionError: [^,]*, at \w+\.py:7 in load `load\(\)`, called at \S+ in load, called at \S+ in f$",
        ),
        ("raise OSError('a\\nb') from KeyError(1)", r"^OSError: a b, at .*; caused by KeyError: 1$"),
    ],
)
def test_a_record_has_the_places_of_the_plugin_once_each(start, call, record) -> None:
    fake = start(f"import json\ndef load():\n    {call}\n@plugin.on_timer\ndef f(token): load()")
    timers.after(1, "t")
    fake.advance(1)
    (logged,) = fake.logs(logging.ERROR)
    assert re.search(record, logged.message), logged.message


def test_on_error_is_told_in_place_of_the_log_and_may_end_the_instance(start) -> None:
    fake = start(
        FAULTY
        + """
told = []

@plugin.on_error
def failed(error, hook):
    told.append((type(error).__name__, hook))
    if hook == "on_timer":
        raise error
"""
    )
    with pytest.raises(Rejection, match=FAILED):
        fake.message(None, "{}")
    with pytest.raises(ZeroDivisionError):
        fake.advance(1)
    assert fake.plugin.told == [("KeyError", "on_message"), ("ZeroDivisionError", "on_timer")]
    assert fake.logs() == []
