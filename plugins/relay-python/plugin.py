"""A page asks, a language model answers token by token, and the tokens reach the one connection that asked. The server makes
the requests, and calls `piece` when one of an answer is there; the protocol is in plugins/relay/README.md."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from roomcast_sdk import (
    ACCEPTED,
    Body,
    Connection,
    ConnectionClosed,
    DisconnectReason,
    Event,
    HostError,
    NoSuchConnection,
    Refusal,
    Rejection,
    Request,
    Response,
    config,
    fetch,
    plugin,
)
from roomcast_sdk.fetch import Failure, FailureKind, Fetch, ResponseHead

from model import Answer, Done, Failed

MAX_PROMPT = 4_000


@dataclass
class Question:
    """One that is under way."""

    number: int
    fetch: Fetch
    answer: Answer = field(default_factory=Answer)


upstream = ""
headers = {"content-type": "application/json", "accept": "text/event-stream"}
asked = 0
"""How many questions there were."""
questions: dict[Connection, Question] = {}


@plugin.init
def start() -> None:
    global upstream
    upstream = config.require("upstream")
    authorization = config.get("authorization")
    if authorization is not None:
        headers["authorization"] = authorization


@plugin.on_connect
def welcome(connection: Connection, request: Request) -> None:
    connection.send(Event.json({"connection": connection}, event="welcome"))


@plugin.on_disconnect
def forget(connection: Connection, reason: DisconnectReason) -> None:
    questions.pop(connection, None)


@plugin.on_message
def message(connection: Connection | None, request: Request, body: Body) -> Response:
    if connection is None:
        raise Refusal("name your stream in the header Roomcast-Connection")
    said = body.json()
    match said:
        case {"type": "ask"}:
            return Response.json({"ask": ask(connection, said.get("prompt"))}, 202)
        case {"type": "stop"}:
            stop(connection)
            return ACCEPTED
    raise Refusal('`type` is "ask" or "stop"')


@plugin.on_response
def head(token: str, response: ResponseHead) -> None:
    if not response.ok:
        finish(token, Failed(f"the model answers with status {response.status}"))


@plugin.on_chunk
def piece(token: str, chunk: Body) -> None:
    connection, number, question = find(token)
    if question is None:
        return
    text, end = question.answer.read(chunk)
    if text:
        tell(connection, "token", ask=number, text=text)
    if end is not None:
        finish(token, end)


@plugin.on_end
def end(token: str, failure: Failure | None) -> None:
    connection, number, question = find(token)
    if question is not None:
        del questions[connection]
    if failure is None or failure.kind is not FailureKind.CONNECTION_CLOSED:
        # Of a question that this instance knows nothing of, the state was lost.
        why = "the plugin was started again" if question is None else reason(failure)
        tell(connection, "failed", ask=number, why=why)


@plugin.save
def save() -> str:
    under_way = {str(key): (each.number, each.fetch.id, each.answer.rest) for key, each in questions.items()}
    return json.dumps({"version": 1, "asked": asked, "questions": under_way})


@plugin.restore
def restore(state: bytes) -> None:
    global asked
    saved = json.loads(state)
    if saved["version"] != 1:
        raise Refusal(f"version {saved['version']} of the state is not known")
    asked = saved["asked"]
    for id, (number, fetch_id, rest) in saved["questions"].items():
        questions[Connection(id)] = Question(number, Fetch(fetch_id), Answer(rest))


def ask(connection: Connection, prompt: Any) -> int:
    """Ask the model. Answers the question's number."""
    global asked
    if not isinstance(prompt, str) or not prompt.strip() or len(prompt) > MAX_PROMPT:
        raise Refusal(f"`prompt` is a text of 1 to {MAX_PROMPT} characters, not only white space")
    if connection in questions:
        raise Refusal("a question is under way: wait for its answer, or stop it")
    number, body = asked + 1, json.dumps({"prompt": prompt})
    try:
        started = fetch.start(
            upstream, f"{connection} {number}", method="POST", headers=headers, body=body, connection=connection
        )
    except HostError as why:
        # That is not the client's fault.
        raise Rejection(503, f"the model cannot be asked now: {why}") from None
    asked = number
    questions[connection] = Question(number, started)
    return number


def stop(connection: Connection) -> None:
    question = questions.pop(connection, None)
    if question is not None:
        question.fetch.cancel()


def finish(token: str, end: Done | Failed) -> None:
    """The answer is over before the fetch is: nothing that still comes counts."""
    connection, number, question = find(token)
    if question is None:
        return
    stop(connection)
    if isinstance(end, Failed):
        tell(connection, "failed", ask=number, why=end.why)
    else:
        tell(connection, "done", ask=number)


def find(token: str) -> tuple[Connection, int, Question | None]:
    """The connection and the number that a fetch's token names, and the question if it is still under way here."""
    id, number = token.split(" ")
    question = questions.get(Connection(id))
    return Connection(id), int(number), question if question and question.number == int(number) else None


def reason(failure: Failure | None) -> str:
    if failure is None:
        return "the answer broke off"
    if failure.kind is FailureKind.LIMIT_EXCEEDED:
        return f"a limit was reached: {failure.key}"
    if failure.kind is FailureKind.INTERRUPTED:
        return "the plugin was started again"
    return f"the model cannot be asked: {failure}"


def tell(connection: Connection, event: str, **data: object) -> None:
    """Nobody is told who has gone meanwhile."""
    try:
        connection.send(Event.json(data, event=event))
    except (NoSuchConnection, ConnectionClosed):
        pass
