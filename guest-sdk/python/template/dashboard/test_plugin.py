"""Run with `.venv/bin/python -m pytest`. No server and no WebAssembly is needed."""

from roomcast_sdk import Event
from roomcast_sdk.testing import FakeHub


def test_the_latest_value_is_sent() -> None:
    with FakeHub("plugin") as hub:
        ada = hub.connect("/sse")
        assert hub.received(ada) == [Event("{}", event="numbers")]
        hub.publish("numbers", '{"cpu": 1}')
        hub.publish("numbers", '{"cpu": 2}')
        hub.advance(0.1)
        assert hub.received(ada) == [Event('{"cpu":2}', event="numbers")]
