"""Why the host refuses a call."""

from __future__ import annotations

from typing import ClassVar


class HostError(Exception):
    """The host refused a call. A refused call has no effect.

    If a hook does not catch it, it is logged with its place. A client or publisher is answered 500 "the plugin has
    failed", or 503 for a `LimitExceeded`, and does not see the text. So catch what a client may cause, for example
    `NoSuchConnection`, and answer it in your own words.
    """

    kind: ClassVar[str] = "other"
    """The error's name in the contract, for example `no-such-connection`."""


class NoSuchConnection(HostError):
    """No open connection has this id."""

    kind = "no-such-connection"

    def __init__(self) -> None:
        super().__init__("no open connection has this id")


class ConnectionClosed(HostError):
    """The connection is closing and takes no more events."""

    kind = "closed"

    def __init__(self) -> None:
        super().__init__("the connection is closing and takes no more events")


class InvalidArgument(HostError):
    """An argument is invalid."""

    kind = "invalid-argument"

    def __init__(self, argument: str, reason: str) -> None:
        super().__init__(f"`{argument}`: {reason}")
        self.argument = argument
        """The name of the argument or field, for example `event.id`."""
        self.reason = reason
        """What is wrong with it, and what is allowed."""


class LimitExceeded(HostError):
    """A limit was reached."""

    kind = "limit-exceeded"

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(f"`{key}`: {reason}")
        self.key = key
        """The configuration key of the limit, for example `limits.timers`."""
        self.reason = reason
        """The limit's value, and what to do about it."""


class NotPermitted(HostError):
    """The operator has not granted this capability."""

    kind = "not-permitted"

    def __init__(self, capability: str) -> None:
        super().__init__(f"`{capability}` is not granted to this plugin")
        self.capability = capability
        """The configuration key that would grant it, for example `capabilities.keyvalue`."""


class StoreError(HostError):
    """The store refused the call: a limit was reached, or an argument is invalid."""

    kind = "store"

    def __init__(self, reason: str) -> None:
        super().__init__(f"the store: {reason}")
        self.reason = reason
        """A text that says what to do."""
