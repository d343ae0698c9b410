"""Run with `.venv/bin/python -m pytest`. No server and no WebAssembly is needed."""

from roomcast_sdk import Event
from roomcast_sdk.testing import FakeHub


def test_the_board_outlives_a_reload() -> None:
    with FakeHub("plugin") as hub:
        hub.message(None, '{"type": "add", "text": "Tea"}')
        hub.message(None, '{"type": "vote", "id": 1}')
        hub.reload()
        ada = hub.connect("/sse")
        assert hub.received(ada) == [Event('[{"id":1,"text":"Tea","votes":1}]', event="board")]
