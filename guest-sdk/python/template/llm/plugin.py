"""{{name}}: a page asks a language model, and sees the answer grow."""

import json

from roomcast_sdk import Body, Connection, Event, EventReader, Refusal, Request, config, fetch, plugin

answers: dict[Connection, fetch.Fetch] = {}
"""The answers under way: the fetch of each connection that has asked. Its token is the connection's id."""
reader = EventReader()


@plugin.on_message
def message(connection: Connection | None, request: Request, body: Body) -> None:
    if connection is None:
        raise Refusal("name your stream in the header Roomcast-Connection")
    match body.json():
        case {"type": "ask", "prompt": str(prompt)} if 1 <= len(prompt) <= 4000:
            ask(connection, prompt)
        case {"type": "ask"}:
            raise Refusal("`prompt` is a text of 1 to 4000 characters")
        case {"type": "cancel"}:
            finish(connection)
        case _:
            raise Refusal('`type` is "ask" or "cancel"')


@plugin.on_response
def head(token: str, response: fetch.ResponseHead) -> None:
    if not response.ok:
        finish(Connection(token))
        tell(Connection(token), "failed", why=f"the model answers with status {response.status}")


@plugin.on_chunk
def piece(token: str, chunk: Body) -> None:
    for event in reader.push(token, chunk):
        match json.loads(event.data) if event.data != "[DONE]" else None:
            case {"choices": [{"delta": {"content": str(text)}}, *_]} if text:
                tell(Connection(token), "piece", text=text)


@plugin.on_end
def end(token: str, failure: fetch.Failure | None) -> None:
    finish(Connection(token))
    if failure is None:
        tell(Connection(token), "done")
    else:
        tell(Connection(token), "failed", why=f"the model cannot be asked: {failure}")


# The rest of an answer goes to the version that is there when it comes.
@plugin.save
def save() -> str:
    return json.dumps({"answers": {str(key): value.id for key, value in answers.items()}, "reader": reader.state()})


@plugin.restore
def restore(state: bytes) -> None:
    global reader
    saved = json.loads(state)
    answers.update({Connection(key): fetch.Fetch(id) for key, id in saved["answers"].items()})
    reader = EventReader(saved["reader"])


def ask(connection: Connection, prompt: str) -> None:
    if connection in answers:
        raise Refusal("an answer is under way: wait for its end, or cancel it")
    headers = {"content-type": "application/json"}
    if authorization := config.get("authorization"):
        headers["authorization"] = authorization
    question = {"model": config.get("model"), "stream": True, "messages": [{"role": "user", "content": prompt}]}
    url, body = config.require("upstream"), json.dumps(question)
    answers[connection] = fetch.start(
        url, connection.id, method="POST", headers=headers, body=body, connection=connection
    )


def finish(connection: Connection) -> None:
    if asked := answers.pop(connection, None):
        asked.cancel()
    reader.end(connection.id)


def tell(connection: Connection, event: str, **data: str) -> None:
    if connection.is_open:
        connection.send(Event.json(data, event=event))
