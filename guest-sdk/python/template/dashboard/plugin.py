"""{{name}}: numbers that change, and go to everyone who looks."""

import json
import math

from roomcast_sdk import Connection, Event, Origin, Refusal, Request, hub, plugin, timers

values: dict[str, float] = {}
"""The last value of each number."""
changed: set[str] = set()
"""The names of those that the clients have not been told yet."""


@plugin.init
def start() -> None:
    timers.every(1, "count")


@plugin.on_connect
def welcome(connection: Connection, request: Request) -> None:
    connection.send(Event.json(values, event="numbers"))


@plugin.on_publish
def take(room: str, event: Event, origin: Origin) -> None:
    # A back end publishes to the room "numbers". No client is in it: what is published there is for this plugin alone.
    if room == "numbers":
        update(parse(event.data))


@plugin.on_timer
def fire(token: str) -> None:
    if token == "count":
        update({"streams": hub.count("__all")})
        return
    data = {name: values[name] for name in changed}
    changed.clear()
    hub.broadcast("__all", Event.json(data, event="numbers"))


@plugin.save
def save() -> str:
    return json.dumps(values)


@plugin.restore
def restore(state: bytes) -> None:
    update(json.loads(state))


def parse(text: str) -> dict[str, float]:
    try:
        numbers = json.loads(text)
    except ValueError:
        numbers = None
    if isinstance(numbers, dict) and all(
        type(each) in (int, float) and math.isfinite(each) for each in numbers.values()
    ):
        return numbers
    raise Refusal('send numbers by their names, such as {"cpu": 42.5}')


def update(numbers: dict[str, float]) -> None:
    """However often a number changes, clients get its latest value at most ten times a second."""
    for name, value in numbers.items():
        if values.get(name) == value:
            continue
        if not changed:
            timers.after(0.1, "tell")
        values[name] = value
        changed.add(name)
