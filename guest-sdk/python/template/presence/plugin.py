"""{{name}}: who is here, and whether they are active, away or typing."""

import json

from roomcast_sdk import Body, Connection, DisconnectReason, Event, Refusal, Request, hub, plugin, timers

Person = dict[str, str]

changes: dict[str, Person] = {}
"""The people who have changed, by id, since the others were told."""


@plugin.on_connect
def enter(connection: Connection, request: Request) -> None:
    name = request.parameter("name") or ""
    if not 1 <= len(name) <= 40:
        raise Refusal("a name of 1 to 40 characters is required: /sse?name=Ada")
    # The beginning of the connection's id: who knows the whole can post in its name.
    put(connection, {"id": connection.id[:8], "name": name, "state": "active"})
    connection.send(Event.json(people(), event="people"))


@plugin.on_message
def change(connection: Connection | None, request: Request, body: Body) -> None:
    if connection is None:
        raise Refusal("name your stream in the header Roomcast-Connection")
    match body.json():
        case {"state": ("active" | "away" | "typing") as state}:
            put(connection, {**person_of(connection), "state": state})
        case _:
            raise Refusal('`state` is "active", "away" or "typing"')


@plugin.on_disconnect
def leave(connection: Connection, reason: DisconnectReason) -> None:
    note({**person_of(connection), "state": "left"})


@plugin.on_timer
def tell(token: str) -> None:
    changed = list(changes.values())
    changes.clear()
    # After a reload the timer goes on, but the changes are lost: then everyone gets everything.
    event = Event.json(changed, event="presence") if changed else Event.json(people(), event="people")
    hub.broadcast("__all", event)


def put(connection: Connection, person: Person) -> None:
    """A connection's tag is the person. The hub keeps it, so it outlives this instance."""
    connection.tag = json.dumps(person)
    note(person)


def person_of(connection: Connection) -> Person:
    return json.loads(connection.tag or "")


def note(person: Person) -> None:
    """Have the others told, together with what else changes in the next quarter of a second."""
    if not changes:
        timers.after(0.25, "tell")
    changes[person["id"]] = person


def people() -> list[Person]:
    """Everyone who is here."""
    return [person_of(connection) for connection in hub.all_members("__all")]
