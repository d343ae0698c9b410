"""Unit tests without WebAssembly: a `FakeHub` in place of the host.

It loads the plugin's file afresh, applies the rules of the contract (names, ids, bounds, which connections are open), and
calls the hooks in the order in which the host does. Time stands still until `advance` moves it, also for `time.time`,
`time.monotonic` and their relatives.

    from roomcast_sdk.testing import FakeHub

    def test_greets():
        with FakeHub("plugin") as hub:
            ada = hub.connect("/sse?name=Ada")
            assert hub.received(ada) == [Event("hello Ada")]
"""

from .._dispatch import Refused
from .fake_hub import FakeHub
from .fetches import StartedFetch
from .world import Broadcast, Record

__all__ = ["Broadcast", "FakeHub", "Record", "Refused", "StartedFetch"]
