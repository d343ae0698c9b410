"""What a query makes `on_connect` do, parameter by parameter in their order; see tests/guests/probe/src/connect.rs."""

from __future__ import annotations

import json
from collections.abc import Callable

from roomcast_sdk import Connection, Event, HostError, Refusal, Rejection, Request

from command import parse, run


def obey(connection: Connection, request: Request, is_for_another: Callable[[str], bool]) -> None:
    """Raises the rejection that was asked for; or one with status 500, when something that was asked for failed."""
    status, body, headers = 0, "", []
    for name, value in request.parameters():
        try:
            match name:
                case "join":
                    connection.join(value)
                case "send":
                    connection.send(value)
                case "comment":
                    connection.comment(value)
                case "tag":
                    connection.tag = value
                case "close":
                    connection.close()
                case "command":
                    connection.send(Event(to_json(run(parse(value), connection)), event="result"))
                case "to" if is_for_another(value):
                    return
                case "reject":
                    status = int(value)
                case "body":
                    body = value
                case "header":
                    key, _, content = value.partition(":")
                    headers.append((key, content))
        except (HostError, Refusal) as why:
            raise Rejection(500, f"{name}: {why}") from None
    if status:
        raise Rejection(status, body, headers)


def to_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
