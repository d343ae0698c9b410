"""Rooms, presence and chat.

A client opens `/sse?name=Ada&room=tea` and gets `welcome`, then `presence` and `chat`; it posts JSON to `/send` to say
something, to move to another room, or to take another name. The README has the messages.
"""

import json
from typing import Any, TypedDict

import names
from presence import Presence
from roomcast_sdk import (
    Body,
    Connection,
    DisconnectReason,
    Event,
    HostError,
    Refusal,
    Request,
    hub,
    plugin,
)

DEFAULT_ROOM = "lobby"
# How many names a welcome shows.
MAX_PEOPLE = 50
MAX_TEXT = 2_000
EXAMPLE = '{"type":"say","text":"hi"}'


class Person(TypedDict):
    name: str
    room: str


# Who is in which room, and what the rooms have yet to be told. A component is made of this file as it is after it has run
# once, so every instance begins with these.
people: dict[Connection, Person] = {}
presence = Presence()


@plugin.on_connect
def enter(connection: Connection, request: Request) -> None:
    name = request.parameter("name")
    name = names.guest(connection) if name is None else names.person(name)
    room = request.parameter("room")
    room = names.room(DEFAULT_ROOM if room is None else room)
    connection.join(room)
    connection.tag = name
    presence.joined(room, name)
    people[connection] = {"name": name, "room": room}
    welcome(connection)


@plugin.on_disconnect
def leave(connection: Connection, reason: DisconnectReason) -> None:
    person = people.pop(connection, None)
    if person is not None:
        presence.left(person["room"], person["name"])


@plugin.on_message
def message(connection: Connection | None, request: Request, body: Body) -> None:
    if connection is None:
        raise Refusal("name your stream: send its id in the header `Roomcast-Connection`")
    match read(body):
        case {"type": "say", "text": str(text)}:
            say(connection, text)
        case {"type": "move", "room": str(room)}:
            move(connection, names.room(room))
        case {"type": "name", "name": str(name)}:
            rename(connection, names.person(name))
        case other:
            raise Refusal(f'{problem(other)}; send JSON such as {EXAMPLE}, or of type "move" or "name"')


@plugin.on_timer
def tell(token: str) -> None:
    presence.tell()


@plugin.save
def save() -> str:
    """A reload goes unnoticed: the state goes from one instance to the next, as JSON."""
    saved = {str(connection): person for connection, person in people.items()}
    return json.dumps({"people": saved, "presence": presence.save()}, ensure_ascii=False)


@plugin.restore
def restore(state: bytes) -> None:
    try:
        saved = json.loads(state)
        known = {Connection(id): Person(name=at["name"], room=at["room"]) for id, at in saved["people"].items()}
        presence.restore(saved["presence"])
    except (ValueError, TypeError, AttributeError, KeyError) as why:
        raise Refusal(f"the saved state is not a lobby's: {type(why).__name__}: {why}") from None
    people.clear()
    people.update(known)


def read(body: Body) -> Any:
    try:
        return body.json()
    except Refusal as why:
        raise Refusal(f'{why}; send JSON such as {EXAMPLE}, or of type "move" or "name"') from None


def problem(other: Any) -> str:
    """What is wrong with JSON that is no message."""
    if not isinstance(other, dict) or "type" not in other:
        return "`type` is missing"
    fields = {"say": "text", "move": "room", "name": "name"}
    kind = other["type"]
    if not isinstance(kind, str) or kind not in fields:
        return f"unknown type {json.dumps(kind)}"
    return f"`{fields[kind]}` is missing, or no text"


def say(connection: Connection, text: str) -> None:
    if not text.strip():
        raise Refusal("`text` must not be empty")
    if len(text) > MAX_TEXT:
        raise Refusal("`text` is at most 2,000 characters long")
    person = person_of(connection)
    chat = {"room": person["room"], "name": person["name"], "text": text}
    hub.broadcast(person["room"], Event.json(chat, event="chat"))


def move(connection: Connection, room: str) -> None:
    """The new room comes first, so that a connection is never in none."""
    person = person_of(connection)
    old = person["room"]
    if room != old:
        connection.join(room)
        connection.leave(old)
        person["room"] = room
        presence.left(old, person["name"])
        presence.joined(room, person["name"])
    welcome(connection)


def rename(connection: Connection, name: str) -> None:
    person = person_of(connection)
    old = person["name"]
    if name != old:
        connection.tag = name
        person["name"] = name
        presence.left(person["room"], old)
        presence.joined(person["room"], name)


def welcome(connection: Connection) -> None:
    """Tell a connection where it is, and with whom."""
    name, room = people[connection]["name"], people[connection]["room"]
    page = hub.members(room, limit=MAX_PEOPLE)
    there = [known for member in page.members if (known := name_of(member)) is not None]
    data = {"connection": connection, "name": name, "room": room, "count": page.total, "people": there}
    connection.send(Event.json(data, event="welcome"))


def name_of(connection: Connection) -> str | None:
    if connection in people:
        return people[connection]["name"]
    try:
        return connection.tag
    except HostError:
        return None


def person_of(connection: Connection) -> Person:
    """Who a connection is. After a crash this instance has not seen it come in, but what the hub knows of it is enough:
    its tag is the name."""
    if connection not in people:
        room = next((room for room in connection.rooms if names.is_room(room)), None)
        if room is None:
            raise Refusal("you are in no room: open the stream again")
        people[connection] = {"name": connection.tag or "", "room": room}
    return people[connection]
