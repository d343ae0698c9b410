"""Names that people choose, for themselves and for rooms."""

from roomcast_sdk import Connection, Refusal

MAX_CHARS = 40
# Rooms of the server's own start with this; `__all` is everybody.
RESERVED = "__"


def person(name: str) -> str:
    """A person's name, trimmed. Raises a `Refusal` when it is empty, too long, or contains control characters."""
    return checked("name", name)


def room(name: str) -> str:
    """A room's name, trimmed. As `person`; and it must not be one of the server's own."""
    name = checked("room", name)
    if name.startswith(RESERVED):
        raise Refusal(f"`room`: names that start with {RESERVED} are the server's own, take another")
    return name


def is_room(name: str) -> bool:
    try:
        room(name)
    except Refusal:
        return False
    return True


def guest(connection: Connection) -> str:
    """The name of somebody who gives none."""
    return f"guest-{connection.id[:4]}"


def checked(what: str, name: str) -> str:
    name = name.strip()
    if not name:
        problem = "must not be empty"
    elif len(name) > MAX_CHARS:
        problem = "is at most 40 characters long"
    elif any(character < " " or "\x7f" <= character <= "\x9f" for character in name):
        problem = "must not contain control characters"
    else:
        return name
    raise Refusal(f"`{what}` {problem}")
