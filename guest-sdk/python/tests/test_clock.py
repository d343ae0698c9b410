"""Time under the fake hub: it stands still, and `advance` moves it."""

import time
from datetime import datetime, timezone

from roomcast_sdk import clock

TICKING = """
import time
from time import monotonic, time as wall
from roomcast_sdk import clock

seen = []

@plugin.init
def start():
    timers.every(10, "tick")

@plugin.on_timer
def tick(token):
    seen.append((time.time(), wall(), time.monotonic(), monotonic(), time.time_ns(), clock.now().timestamp()))

@plugin.on_message
def sleep(connection, request, body):
    time.sleep(0.25)
"""


def test_time_stands_still_and_moves_with_advance(start) -> None:
    real = time.time
    fake = start(TICKING)
    begin, ticks = time.time(), time.monotonic()
    assert clock.now() == datetime(2026, 1, 1, tzinfo=timezone.utc)
    fake.advance(25)
    assert (time.time(), time.monotonic(), clock.monotonic()) == (begin + 25, ticks + 25, ticks + 25)
    assert fake.plugin.seen == [
        (begin + at, begin + at, ticks + at, ticks + at, round((begin + at) * 1e9), begin + at) for at in (10, 20)
    ]
    fake.message(None, "")
    assert time.time() == begin + 25.25
    fake.close()
    assert time.time is real and fake.plugin.wall() > begin, "afterwards time is real again, for all"
