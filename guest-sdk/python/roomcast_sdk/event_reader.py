"""`EventReader`: parses a `text/event-stream` in chunks that may end anywhere (WHATWG HTML, 9.2.6)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from .event import Event
from .message import Body

_LINE_END = re.compile("\r\n|\r|\n")


@dataclass
class _Stream:
    """An unfinished event."""

    rest: list[str] = field(default_factory=list)
    """The chunks of a line, joined only once, since there may be many."""
    data: list[str] | None = None
    event: str | None = None
    id: str | None = None
    retry_ms: int | None = None
    after_cr: bool = False
    begun: bool = False

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> _Stream:
        """From plain data, in which chunks and lines are joined."""
        data = state["data"]
        return cls(**{**state, "rest": [state["rest"]], "data": None if data is None else [data]})

    def state(self) -> dict[str, Any]:
        data = None if self.data is None else "\n".join(self.data)
        return {**asdict(self), "rest": "".join(self.rest), "data": data}

    def lines(self, text: str) -> list[str]:
        """The lines that are now complete. A line ends with CR, LF or CRLF, which may be split between chunks."""
        if not text:
            return []
        if not self.begun:
            text = text.removeprefix("\ufeff")
        if self.after_cr:
            text = text.removeprefix("\n")
        self.begun = True
        self.after_cr = text.endswith("\r")
        *lines, rest = _LINE_END.split(text)
        if lines:
            lines[0] = "".join([*self.rest, lines[0]])
            self.rest.clear()
        self.rest.append(rest)
        return lines

    def take(self, line: str) -> Event | None:
        """Parse one line. Returns the event that it completes, if any."""
        if not line:
            return self._complete()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            if self.data is None:
                self.data = []
            self.data.append(value)
        elif name == "event":
            self.event = value or None
        elif name == "id" and "\0" not in value:
            self.id = value
        elif name == "retry" and re.fullmatch("[0-9]{1,9}", value):
            self.retry_ms = int(value)
        return None

    def _complete(self) -> Event | None:
        data = self.data
        found = None if data is None else Event("\n".join(data), event=self.event, id=self.id, retry_ms=self.retry_ms)
        self.data = self.event = self.id = self.retry_ms = None
        return found


class EventReader:
    """Parses answers that are event streams themselves, such as those of language models. Chunks may end anywhere. One reader
    serves all fetches; it tells them apart by their token:

        reader = EventReader()

        @plugin.on_chunk
        def piece(token, chunk):
            for event in reader.push(token, chunk):
                Connection(token).send(Event(event.data, event="token"))

        @plugin.on_end
        def end(token, failure):
            reader.end(token)
    """

    def __init__(self, saved: Mapping[str, Any] | None = None) -> None:
        """A new reader, or one restored from the `state` of another."""
        self._streams = {token: _Stream.of(stream) for token, stream in (saved or {}).items()}

    def push(self, token: str, chunk: Body | str) -> list[Event]:
        """Parse a chunk of an answer. Returns the events that it completes."""
        stream = self._streams.setdefault(token, _Stream())
        text = chunk if isinstance(chunk, str) else chunk.content.decode(errors="replace")
        events = (stream.take(line) for line in stream.lines(text))
        return [event for event in events if event is not None]

    def end(self, token: str) -> None:
        """The answer has ended: drop its unfinished event."""
        self._streams.pop(token, None)

    def state(self) -> dict[str, Any]:
        """The parts of unfinished events, as JSON-compatible data for `save`."""
        return {token: stream.state() for token, stream in self._streams.items()}
