"""Commands: a JSON object whose `op` names one function of the host, with its arguments: see `CALLS`, and three modules."""

from __future__ import annotations

import json
import logging
import os
from base64 import b64decode
from typing import Any, NoReturn

from roomcast_sdk import Connection, Refusal, Rejection, Response, config, timers
from roomcast_sdk.log import TRACE

import fetching
import hub_calls
import journal
import keyvalue_calls
import packages
import surroundings
from arguments import MAX_U64, Arguments
from as_json import result

LEVELS = {
    "trace": TRACE,
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warn": logging.WARNING,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
}

TAKES_LESS = ("parallel", "connect_ms", "first_byte_ms", "between_bytes_ms")
"""What the SDK's `http` has no word for."""

UNSUPPORTED = {"error": {"kind": "unsupported", "reason": "the SDK for Python does not have it"}}


def parse(text: str) -> Any:
    """A command out of its JSON."""
    try:
        return json.loads(text)
    except ValueError as why:
        raise Refusal(f"a command is JSON: {why}") from None


def run(command: Any, sender: Connection | None = None) -> Any:
    """Run one command. Raises a `Refusal` when it is none."""
    given = Arguments(command, sender)
    op = given.text("op")
    if op in CALLS:
        return result(lambda: CALLS[op](given))
    if op in keyvalue_calls.CALLS and given.command.get("bucket", "default") == "default":
        return keyvalue_calls.run(op, given)
    if op in keyvalue_calls.CALLS or op in keyvalue_calls.UNSUPPORTED:
        return UNSUPPORTED
    if op in surroundings.CALLS:
        return surroundings.run(op, given)
    if op == "fetch":
        return UNSUPPORTED if any(name in command for name in TAKES_LESS) else surroundings.request(given)
    if op == "keep-asking":
        surroundings.keep_asking(given)
    raise Refusal(f"there is no command `{op}`")


def set_timer(given: Arguments) -> int:
    set = {"once": timers.after, "every": timers.every}.get(given.text("repetition"))
    if set is None:
        raise Refusal(f"no repetition {given.text('repetition')}")
    return set(given.number("delay_ms") / 1000, given.text("token")).id


def cancel_timer(given: Arguments) -> bool:
    return timers.Timer(given.number("timer", MAX_U64)).cancel()


def log(given: Arguments) -> None:
    level = LEVELS.get(given.text("level"))
    if level is None:
        raise Refusal(f"no level {given.text('level')}")
    logging.getLogger(given.optional_text("context")).log(level, given.text("message"))


def all_of_them(given: Arguments) -> list[Any]:
    commands = given.command.get("commands")
    if not isinstance(commands, list):
        raise Refusal("no list `commands`")
    return [run(command, given.sender) for command in commands]


def throw(given: Arguments) -> NoReturn:
    raise RuntimeError(given.optional_text("text") or "thrown")


CALLS = {
    **hub_calls.CALLS,
    **fetching.CALLS,
    **packages.CALLS,
    "set-timer": set_timer,
    "cancel-timer": cancel_timer,
    "log": log,
    "config-get": lambda given: config.get(given.text("key")),
    "config-get-all": lambda given: list(config.get_all().items()),
    "calls": lambda given: list(journal.calls),
    "forget-calls": lambda given: journal.replace([]),
    "all": all_of_them,
    # What is raised costs the call; this ends the instance.
    "trap": lambda given: os.abort(),
    "throw": throw,
}


def reject(command: dict[str, Any]) -> Rejection:
    """Any rejection at all."""
    given = Arguments(command)
    return Rejection(given.number("status"), given.optional_text("text") or "", given.pairs("headers"))


def respond(command: dict[str, Any]) -> Response:
    """Any answer at all."""
    given = Arguments(command)
    base64 = given.optional_text("base64")
    body = (given.optional_text("text") or "") if base64 is None else b64decode(base64)
    return Response(given.number("status"), body * command.get("repeat", 1), given.pairs("headers"))
