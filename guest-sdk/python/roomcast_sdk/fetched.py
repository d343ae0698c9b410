"""The answer to a fetch: its head, and why the fetch failed. See `fetch`."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from ._check import Headers


@dataclass(frozen=True)
class ResponseHead:
    """The head of an answer. Redirects are not followed."""

    status: int
    headers: Headers = field(default_factory=list)
    """All headers, names in lower case."""

    @property
    def ok(self) -> bool:
        """Whether the status is 200 to 299."""
        return 200 <= self.status < 300

    def header(self, name: str) -> str | None:
        """The first header of this name, ignoring case."""
        return next((value for key, value in self.headers if key == name.lower()), None)


class FailureKind(Enum):
    """Why a fetch failed. `str(kind)` is its name in the contract, for example `connection-closed`."""

    DENIED = "denied"
    """The destination is not granted: the host name resolves to a private address."""
    UNREACHABLE = "unreachable"
    """The host could not be reached: name resolution, network or TLS failed."""
    BROKEN = "broken"
    """The peer closed the connection early, or its answer is not valid HTTP."""
    LIMIT_EXCEEDED = "limit-exceeded"
    """A time or size limit was reached."""
    CONNECTION_CLOSED = "connection-closed"
    """The fetch's connection has ended."""
    INTERRUPTED = "interrupted"
    """The instance that started it is gone, and so is its state."""
    OTHER = "other"
    """A value that this version of the contract does not name."""

    def __str__(self) -> str:
        return self.value


# Texts for failures that have none in the contract.
_REASONS = {
    FailureKind.CONNECTION_CLOSED: "the fetch's connection has ended",
    FailureKind.INTERRUPTED: "the instance that started it is gone, and so is its state",
}


@dataclass(frozen=True)
class Failure:
    """Why a fetch failed. `match failure.kind:` tells the kinds apart; `str(failure)` is a text."""

    kind: FailureKind
    reason: str = ""
    """A text."""
    key: str | None = None
    """For `LIMIT_EXCEEDED`, the configuration key of the limit."""

    def __str__(self) -> str:
        reason = self.reason or _REASONS.get(self.kind, str(self.kind))
        return reason if self.key is None else f"`{self.key}`: {reason}"
