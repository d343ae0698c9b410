"""Run with `.venv/bin/python -m pytest`. No server and no WebAssembly is needed."""

from roomcast_sdk.testing import FakeHub


def test_changes_are_told_together() -> None:
    with FakeHub("plugin") as hub:
        ada = hub.connect("/sse?name=Ada")
        bob = hub.connect("/sse?name=Bob")
        hub.message(bob, '{"state": "away"}')
        hub.received(ada)
        hub.advance(0.25)
        (event,) = hub.received(ada)
        assert event.event == "presence"
        assert '"name":"Ada","state":"active"' in event.data
        assert '"name":"Bob","state":"away"' in event.data
