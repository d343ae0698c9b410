"""Write plugins for Roomcast, the Server-Sent Events server, in Python.

    from roomcast_sdk import Connection, Request, hub, plugin

    @plugin.on_connect
    def greet(connection: Connection, request: Request) -> None:
        connection.join("tea")
        hub.broadcast("tea", f"{request.parameter('name')} is here")

`plugin` has the hooks. A plugin uses `Connection`, `hub`, `timers`, `clock`, `config` and, if granted, `keyvalue`, `fetch`
and `http`. `logging` writes to the host's log. `roomcast_sdk.testing` runs a plugin in unit tests, without WebAssembly.
"""

from . import clock, config, hub, timers
from .connection import Connection
from .errors import (
    ConfigError,
    ConnectionClosed,
    HostError,
    InvalidArgument,
    LimitExceeded,
    NoSuchConnection,
    NotPermitted,
    Refusal,
    Rejection,
    StoreError,
)
from .event import Event
from .event_reader import EventReader
from .hooks import plugin
from .message import ACCEPTED, PASS, Body, Pass, Response
from .reason import DisconnectReason, Origin
from .request import Request

__all__ = [
    "ACCEPTED",
    "PASS",
    "Body",
    "ConfigError",
    "Connection",
    "ConnectionClosed",
    "DisconnectReason",
    "Event",
    "EventReader",
    "HostError",
    "InvalidArgument",
    "LimitExceeded",
    "NoSuchConnection",
    "NotPermitted",
    "Origin",
    "Pass",
    "Refusal",
    "Rejection",
    "Request",
    "Response",
    "StoreError",
    "clock",
    "config",
    "hub",
    "plugin",
    "timers",
]
