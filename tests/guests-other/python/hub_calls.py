"""Commands that call the hub: those of `CALLS`, with `connection` (default: the sender's own) and what each takes."""

from __future__ import annotations

from typing import Any

from roomcast_sdk import Event, Refusal, hub

from arguments import MAX_U32, MAX_U64, Arguments


def send_event(given: Arguments) -> None:
    given.connection().send(_event(given))


def send_comment(given: Arguments) -> None:
    given.connection().comment(given.text("text"))


def close(given: Arguments) -> None:
    given.connection().close()


def is_open(given: Arguments) -> bool:
    return given.connection().is_open


def join(given: Arguments) -> None:
    given.connection().join(given.text("room"))


def leave(given: Arguments) -> None:
    given.connection().leave(given.text("room"))


def broadcast(given: Arguments) -> int:
    return hub.broadcast(given.text("room"), _event(given), exclude=given.optional_connection("except"))


def broadcast_many(given: Arguments) -> int:
    try:
        duplicates = hub.Duplicates(given.optional_text("duplicates") or "drop")
    except ValueError:
        raise Refusal(f"no duplicates {given.optional_text('duplicates')}") from None
    exclude = given.optional_connection("except")
    return hub.broadcast_many(given.texts("rooms"), _event(given), exclude=exclude, duplicates=duplicates)


def members(given: Arguments) -> Any:
    page = hub.members(given.text("room"), at=given.optional_number("at", MAX_U64), limit=given.number("limit"))
    return {"members": [str(member) for member in page.members], "total": page.total, "next": page.next}


def count(given: Arguments) -> int:
    return hub.count(given.text("room"))


def rooms_of(given: Arguments) -> list[str]:
    return given.connection().rooms


def tag(given: Arguments) -> str | None:
    return given.connection().tag


def set_tag(given: Arguments) -> None:
    given.connection().tag = given.optional_text("tag")


def state(given: Arguments) -> Any:
    return given.connection().state


def set_state(given: Arguments) -> None:
    given.connection().state = given.command.get("value")


def room_state(given: Arguments) -> Any:
    return hub.room(given.text("room")).state


def set_room_state(given: Arguments) -> None:
    hub.room(given.text("room")).state = given.command.get("value")


def _event(given: Arguments) -> Event:
    event = given.command.get("event") or {}
    if not isinstance(event.get("data"), str):
        raise Refusal("no text `event.data`")
    if (event.get("retry_ms") or 0) > MAX_U32:
        raise Refusal("`event.retry_ms` has 32 bits")
    return Event(event["data"], event=event.get("event"), id=event.get("id"), retry_ms=event.get("retry_ms"))


CALLS = {
    "send-event": send_event,
    "send-comment": send_comment,
    "close": close,
    "is-open": is_open,
    "join": join,
    "leave": leave,
    "broadcast": broadcast,
    "broadcast-many": broadcast_many,
    "members": members,
    "count": count,
    "rooms-of": rooms_of,
    "tag": tag,
    "set-tag": set_tag,
    # Values that the SDK keeps.
    "state": state,
    "set-state": set_state,
    "room-state": room_state,
    "set-room-state": set_room_state,
}
