"""Run with `.venv/bin/python -m pytest`. No server and no WebAssembly is needed."""

from roomcast_sdk import Event
from roomcast_sdk.testing import FakeHub


def test_people_talk() -> None:
    with FakeHub("plugin") as hub:
        ada = hub.connect("/sse?name=Ada")
        bob = hub.connect("/sse?name=Bob")
        assert hub.received(bob) == [Event("Hello Bob, 2 here", event="welcome")]
        hub.message(ada, "hi")
        assert hub.received(bob) == [Event('{"name":"Ada","text":"hi"}', event="chat")]
