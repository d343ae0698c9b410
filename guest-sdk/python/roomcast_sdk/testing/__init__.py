"""Unit tests without WebAssembly: a `FakeHub` in place of the host.

It loads the plugin's file afresh, applies the rules of the contract (names, ids, bounds, which connections are open), and
calls the hooks in the order in which the host does. Its clock stands still until it is told to go on.

    from roomcast_sdk.testing import FakeHub

    def test_greets():
        with FakeHub("plugin") as hub:
            ada = hub.connect("/sse?name=Ada")
            assert hub.received(ada) == [Event("hello Ada")]
"""

from .fake_hub import FakeHub, Refused
from .fetches import StartedFetch
from .world import Broadcast, Record

__all__ = ["Broadcast", "FakeHub", "Record", "Refused", "StartedFetch"]
