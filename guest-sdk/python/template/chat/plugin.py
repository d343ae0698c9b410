"""{{name}}: people come in by name, and talk."""

import logging

from roomcast_sdk import Body, Connection, Event, Refusal, Request, hub, plugin

log = logging.getLogger("{{name}}")


@plugin.on_connect
def greet(connection: Connection, request: Request) -> None:
    name = request.parameter("name") or "somebody"
    connection.tag = name
    connection.join("chat")
    connection.send(Event(f"Hello {name}, {hub.count('chat')} here", event="welcome"))
    log.info("%s is here", name)


@plugin.on_message
def say(connection: Connection | None, request: Request, body: Body) -> None:
    if connection is None:
        raise Refusal("open a stream first, and send its id in the header Roomcast-Connection")
    hub.broadcast("chat", Event.json({"name": connection.tag, "text": body.text}, event="chat"))
