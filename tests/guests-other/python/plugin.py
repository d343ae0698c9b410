"""A remote control, as tests/guests/probe in Rust, written with the SDK as any plugin is: every hook, each call written down,
and the host called as it is told. The protocol is that one's (see its src); what differs is in README.md."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from roomcast_sdk import (
    PASS,
    Body,
    Connection,
    DisconnectReason,
    Event,
    Origin,
    Pass,
    Refusal,
    Rejection,
    Request,
    Response,
    config,
    plugin,
)
from roomcast_sdk.fetch import Failure, ResponseHead

import as_json
import fetching
import journal
from command import parse, reject, respond, run
from connect import obey, to_json
from journal import note


def fail(setting: str) -> None:
    """Fail with a text that the operator has set."""
    text = config.get(setting)
    if text is not None:
        raise Refusal(text)


def run_first(setting: str) -> None:
    """Run a command that the operator has set."""
    text = config.get(setting)
    if text is not None:
        run(json.loads(text))


def is_for_another(to: object) -> bool:
    """Whether something with this address is for another probe."""
    name = config.get("name")
    return isinstance(to, str) and name is not None and to != name


def refusal(room: str, why: str) -> Rejection:
    """The refusal of what has to do with a room, with the status that its name ends with."""
    _, mark, status = room.rpartition(":")
    return Rejection(int(status) if mark else 403, f"{room} {why}", {"x-room": room})


@plugin.init
def init() -> None:
    run_first("init_command")
    note({"hook": "init"})
    fail("init_error")


@plugin.on_connect
def on_connect(connection: Connection, request: Request) -> None:
    note({"hook": "on-connect", "connection": str(connection), "request": as_json.request(request)})
    obey(connection, request, is_for_another)


@plugin.on_disconnect
def on_disconnect(connection: Connection, reason: DisconnectReason) -> None:
    """What can still be done with the connection is written down too."""
    note(
        {
            "hook": "on-disconnect",
            "connection": str(connection),
            "reason": str(reason),
            "is-open": connection.is_open,
            "tag": as_json.result(lambda: connection.tag),
            "rooms": as_json.result(lambda: connection.rooms),
            "send": as_json.result(lambda: connection.send("late")),
        }
    )


@plugin.on_join
def on_join(connection: Connection, room: str) -> None:
    note({"hook": "on-join", "connection": str(connection), "room": room})
    if room.startswith("private"):
        raise refusal(room, "is private")


@plugin.on_leave
def on_leave(connection: Connection, room: str) -> None:
    note({"hook": "on-leave", "connection": str(connection), "room": room})


@plugin.on_publish
def on_publish(room: str, event: Event, origin: Origin) -> Event | None:
    note({"hook": "on-publish", "room": room, "event": as_json.event(event), "origin": as_json.origin(origin)})
    if room.startswith("refused"):
        raise refusal(room, "takes no events")
    return replace(event, data=event.data.upper()) if room.startswith("rewritten") else None


@plugin.on_message
def on_message(connection: Connection | None, request: Request, body: Body) -> Response | Pass:
    told = as_json.request(request)
    sender = None if connection is None else str(connection)
    note({"hook": "on-message", "connection": sender, "request": told, "body": as_json.body(body)})
    if request.query == "echo":
        return Response(200, body)
    command = parse(body.text)
    if is_for_another(command.get("to")):
        return PASS
    match command.get("op"):
        case "fail":
            raise Refusal(command.get("text", ""))
        case "reject":
            raise reject(command)
        case "pass":
            return PASS
        case "respond":
            return respond(command)
        case "echo-request":
            return answer({"ok": told})
        case _:
            return answer(run(command, connection))


def answer(value: Any) -> Response:
    return Response(200, to_json(value), {"content-type": "application/json"})


@plugin.on_timer
def on_timer(token: str) -> None:
    note({"hook": "on-timer", "token": token})
    try:
        command = json.loads(token)
    except ValueError:
        return
    if isinstance(command, dict):
        run_and_note(command)


def run_and_note(command: dict[str, Any]) -> None:
    try:
        note({"result": run(command)})
    except Refusal as why:
        note({"result": str(why)})


@plugin.on_response
def on_response(token: str, response: ResponseHead) -> None:
    note({"hook": "on-response", "token": token, "status": response.status, "headers": response.headers})


@plugin.on_chunk
def on_chunk(token: str, chunk: Body) -> None:
    fetching.note_chunk(token, chunk)
    command = fetching.wish(token).get("on_chunk")
    if isinstance(command, dict):
        run_and_note(command)


@plugin.on_end
def on_end(token: str, failure: Failure | None) -> None:
    fetching.note_end(token, failure)


@plugin.save
def save() -> str:
    fail("save_error")
    run_first("save_command")
    note({"hook": "save"})
    return to_json(journal.calls)


@plugin.restore
def restore(state: bytes) -> None:
    run_first("restore_command")
    fail("restore_error")
    calls = json.loads(state)
    most = config.parse("restore_calls", int)
    if most is not None and len(calls) > most:
        raise Refusal(f"a journal of {len(calls)} calls is too long")
    journal.replace(calls)
    note({"hook": "restore"})
