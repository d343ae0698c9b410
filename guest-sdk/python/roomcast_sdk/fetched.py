"""What a fetch brings: the head of the answer, and why it did not end well. See `fetch`."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from ._check import Headers


@dataclass(frozen=True)
class ResponseHead:
    """The head of an answer. Any status is one; redirects are the plugin's to follow."""

    status: int
    headers: Headers = field(default_factory=list)
    """All headers, names in lower case."""

    @property
    def ok(self) -> bool:
        """Whether the status is 200 to 299."""
        return 200 <= self.status < 300

    def header(self, name: str) -> str | None:
        """The first header of this name, in whatever case the name is given."""
        return next((value for key, value in self.headers if key == name.lower()), None)


class FailureKind(Enum):
    """Why a fetch did not end well. `str(kind)` is its name in the contract, for example `connection-closed`."""

    DENIED = "denied"
    """The destination turned out to be one that is not granted: its name stands for a private address."""
    UNREACHABLE = "unreachable"
    """There is no such host, or it does not let itself be reached: name, network, TLS."""
    BROKEN = "broken"
    """The other side broke off, or what it said is not HTTP."""
    LIMIT_EXCEEDED = "limit-exceeded"
    """A bound was reached: time, or the size of the answer."""
    CONNECTION_CLOSED = "connection-closed"
    """The connection that it was for has ended."""
    INTERRUPTED = "interrupted"
    """The instance that started it is gone, and so is its state."""
    OTHER = "other"
    """Something that this version of the contract has no name for."""

    def __str__(self) -> str:
        return self.value


# In words, what the contract has no words for.
_REASONS = {
    FailureKind.CONNECTION_CLOSED: "the connection that it was for has ended",
    FailureKind.INTERRUPTED: "the instance that started it is gone, and so is its state",
}


@dataclass(frozen=True)
class Failure:
    """Why a fetch did not end well. `match failure.kind:` tells the kinds apart; `str(failure)` says it in words."""

    kind: FailureKind
    reason: str = ""
    """In words."""
    limit: str | None = None
    """For `LIMIT_EXCEEDED`, the configuration key of the bound."""

    def __str__(self) -> str:
        reason = self.reason or _REASONS.get(self.kind, str(self.kind))
        return reason if self.limit is None else f"`{self.limit}`: {reason}"
