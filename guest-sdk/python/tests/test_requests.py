"""A request can be read while its hook is called."""

import pytest

from roomcast_sdk import Request
from roomcast_sdk.request import MadeHead

KEEPING = """
kept = []
seen = []

@plugin.on_connect
def enter(connection, request):
    kept.append(request)
    seen.append((request.method, request.path, request.query, request.peer, request.header("X-A"), request.headers))
    if request.parameter("bug"):
        {}["bug"]

@plugin.on_message
def say(connection, request, body):
    kept.append(request)
"""


def test_a_request_is_read_during_its_call_only(start) -> None:
    fake = start(KEEPING)
    asked = Request.get("/sse?a=1", {"X-A": "b"}, peer="192.0.2.1:5")
    ada = fake.connect(asked)
    assert fake.plugin.seen == [("GET", "/sse", "a=1", "192.0.2.1:5", "b", [("x-a", "b")])]
    fake.message(ada, "hi")
    with pytest.raises(Exception, match="failed"):
        fake.connect("/sse?bug=1")
    for request in fake.plugin.kept:
        for read in (
            lambda request: request.method,
            lambda request: request.query,
            lambda request: request.header("x"),
            lambda request: request.parameter("a"),
        ):
            with pytest.raises(RuntimeError, match="only during the call of its hook"):
                read(request)
    assert (len(fake.plugin.kept), asked.path) == (3, "/sse"), "the test's own request can still be read"


def test_what_is_not_read_is_not_asked_for() -> None:
    calls = []

    class Counted(MadeHead):
        def query(self) -> str | None:
            calls.append("query")
            return super().query()

    request = Request(Counted("GET", "/sse", "a=1&b=2", [], ""))
    assert calls == []
    assert (request.parameter("a"), request.parameter("b"), calls) == ("1", "2", ["query"])
