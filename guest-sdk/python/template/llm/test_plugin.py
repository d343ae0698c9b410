"""Run with `.venv/bin/python -m pytest`. No server and no WebAssembly is needed."""

from roomcast_sdk import Event
from roomcast_sdk.testing import FakeHub


def test_an_answer_comes_in_pieces() -> None:
    with FakeHub("plugin", config={"upstream": "http://127.0.0.1:9000/", "model": "parrot"}) as hub:
        ada = hub.connect("/sse")
        hub.message(ada, '{"type": "ask", "prompt": "hi"}')
        (asked,) = hub.fetches
        hub.respond(asked)
        hub.chunk(asked, 'data: {"choices": [{"delta": {"con')
        hub.reload()
        hub.chunk(asked, 'tent": "hi"}}]}\n\ndata: [DONE]\n\n')
        hub.end(asked)
        assert hub.received(ada) == [Event('{"text":"hi"}', event="piece"), Event("{}", event="done")]
        hub.message(ada, '{"type": "ask", "prompt": "hi"}')
        hub.message(ada, '{"type": "cancel"}')
        assert not hub.fetches
