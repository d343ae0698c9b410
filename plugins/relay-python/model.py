"""What the model says: lines of an event stream, in pieces that end anywhere."""

from __future__ import annotations

from dataclasses import dataclass

from roomcast_sdk import Body, Refusal

MAX_LINE = 64 << 10


@dataclass
class Answer:
    """What is read of one answer so far."""

    rest: str = ""
    """The part of a line that has come."""

    def read(self, chunk: Body) -> tuple[str, Done | Failed | None]:
        """Read on. Answers the text of the tokens that are complete now, and how the answer has ended, if it has."""
        try:
            *lines, self.rest = (self.rest + chunk.text).split("\n")
        except Refusal:
            return "", Failed("the model said something that is not JSON")
        text = ""
        for line in lines:
            said = _take(line.removesuffix("\r"))
            if not isinstance(said, str):
                return text, said
            text += said
        return text, _too_long(self.rest.removesuffix("\r"))


@dataclass(frozen=True)
class Done:
    """It is whole."""


@dataclass(frozen=True)
class Failed:
    """It is not, and nothing more is read of it."""

    why: str


def _take(line: str) -> str | Done | Failed:
    """One line: a token, which may be empty, or the end."""
    too_long = _too_long(line)
    if too_long is not None:
        return too_long
    if not line.startswith("data:"):
        return ""
    data = line.removeprefix("data:").removeprefix(" ")
    if data == "[DONE]":
        return Done()
    try:
        said = Body(data).json()
    except Refusal:
        return Failed("the model said something that is not JSON")
    token = said.get("token") if isinstance(said, dict) else None
    return token if isinstance(token, str) else ""


def _too_long(line: str) -> Failed | None:
    is_too_long = len(line) * 4 > MAX_LINE and len(line.encode()) > MAX_LINE
    return Failed("the model sent a line that is too long") if is_too_long else None
