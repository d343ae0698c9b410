"""Where things come from, and why they end."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class DisconnectReason(Enum):
    """Why a connection ended. `str(reason)` is its name in logs, metrics and the API, for example `slow-consumer`."""

    CLIENT_CLOSED = "client-closed"
    """The client closed it, or its network failed."""
    PLUGIN_CLOSED = "plugin-closed"
    """A plugin closed it."""
    OPERATOR_CLOSED = "operator-closed"
    """An operator closed it through the API."""
    SLOW_CONSUMER = "slow-consumer"
    """Its outbox was full."""
    WRITE_TIMEOUT = "write-timeout"
    """It accepted no bytes for longer than the write timeout."""
    UNEXPECTED_INPUT = "unexpected-input"
    """It sent more bytes after its request than the host allows."""
    REJECTED = "rejected"
    """A later plugin of the chain rejected it."""
    SERVER_SHUTDOWN = "server-shutdown"
    """The server is shutting down."""
    ANSWERED = "answered"
    """Its request was answered completely. Not sent yet."""
    TOKEN_EXPIRED = "token-expired"
    """Its token expired. Not sent yet."""
    REVOKED = "revoked"
    """Its token was revoked. Not sent yet."""
    MAX_AGE = "max-age"
    """It reached the maximum age of a stream. Not sent yet."""
    OTHER = "other"
    """A value that this version of the contract does not name."""

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Origin:
    """Where a published event comes from."""

    kind: str
    """`api` for the HTTP API. Newer hosts may know others."""
    detail: str
    """For the API the publisher's address."""
