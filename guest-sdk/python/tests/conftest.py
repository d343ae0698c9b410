"""A plugin is a file, so each test writes the one that it is about."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from roomcast_sdk.testing import FakeHub

Start = Callable[..., FakeHub]

HEAD = """
from roomcast_sdk import *
from roomcast_sdk import keyvalue
log = __import__("logging").getLogger("test")
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    """Write `plugin.py`, with everything imported."""

    def write(source: str) -> Path:
        path = tmp_path / f"{tmp_path.name}.py"
        path.write_text(HEAD + textwrap.dedent(source))
        return path

    return write


@pytest.fixture
def start(write: Callable[[str], Path]) -> Iterator[Start]:
    """Start a hub with the plugin that is written."""
    hubs: list[FakeHub] = []

    def start(source: str, **config: str) -> FakeHub:
        hubs.append(FakeHub(write(source), config=config))
        return hubs[0]

    yield start
    for hub in hubs:
        hub.close()
