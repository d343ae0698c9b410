"""Why the host refuses a call."""

from __future__ import annotations

from typing import ClassVar


class HostError(Exception):
    """The host refused a call. Nothing was done in that case.

    A hook that lets it through answers with its text where it has an answer: `on_connect` with 400 for an
    `InvalidArgument` and 503 for all others, `on_message` with 400, `on_join` and `on_publish` by refusing. In the other
    hooks it is logged, and the call ends. So catch what you expect, for example `NoSuchConnection`, and leave the rest.
    """

    kind: ClassVar[str] = "error"
    """The error's name in the contract, for example `no-such-connection`."""


class NoSuchConnection(HostError):
    """No open connection has this id: it ended, or never was."""

    kind = "no-such-connection"

    def __init__(self) -> None:
        super().__init__("no open connection has this id: it ended, or never was")


class ConnectionClosed(HostError):
    """The connection is being closed and takes no more events."""

    kind = "closed"

    def __init__(self) -> None:
        super().__init__("the connection is being closed and takes no more events")


class InvalidArgument(HostError):
    """An argument breaks a rule."""

    kind = "invalid-argument"

    def __init__(self, argument: str, reason: str) -> None:
        super().__init__(f"`{argument}`: {reason}")
        self.argument = argument
        """The argument's or field's name, for example `event.id`."""
        self.reason = reason
        """What is wrong with it and what is allowed."""


class LimitExceeded(HostError):
    """A bound was reached."""

    kind = "limit-exceeded"

    def __init__(self, limit: str, reason: str) -> None:
        super().__init__(f"`{limit}`: {reason}")
        self.limit = limit
        """The configuration key of the bound, for example `limits.timers`."""
        self.reason = reason
        """What the bound is and what to do."""


class NotPermitted(HostError):
    """The operator has not granted the capability that is named."""

    kind = "not-permitted"

    def __init__(self, capability: str) -> None:
        super().__init__(f"`{capability}` is not granted to this plugin")
        self.capability = capability
        """The configuration key that would grant it, for example `capabilities.keyvalue`."""


class StoreError(HostError):
    """The store refused: a bound is reached, or an argument breaks a rule."""

    kind = "store"

    def __init__(self, reason: str) -> None:
        super().__init__(f"the store: {reason}")
        self.reason = reason
        """In words, with what to do."""
