"""The arguments of a command. One that is missing is the sender's fault."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from roomcast_sdk import Connection, Refusal

MAX_U32 = 2**32 - 1
MAX_U64 = 2**64 - 1


class Arguments:
    """A command, and the connection that it came from, if there is one."""

    def __init__(self, command: dict[str, Any], sender: Connection | None = None) -> None:
        self.command = command
        self.sender = sender

    def text(self, name: str) -> str:
        value = self.optional_text(name)
        return self._missing(f"text `{name}`") if value is None else value

    def optional_text(self, name: str) -> str | None:
        value = self.command.get(name)
        return value if isinstance(value, str) else None

    def number(self, name: str, most: int = MAX_U32) -> int:
        value = self.command.get(name)
        return value if isinstance(value, int) and 0 <= value <= most else self._missing(f"number `{name}`")

    def optional_number(self, name: str, most: int = MAX_U32) -> int | None:
        return None if self.command.get(name) is None else self.number(name, most)

    def integer(self, name: str) -> int:
        value = self.command.get(name)
        return value if isinstance(value, int) else self._missing(f"number `{name}`")

    def texts(self, name: str) -> list[str]:
        value = self.command.get(name)
        return value if isinstance(value, list) else self._missing(f"list of texts `{name}`")

    def pairs(self, name: str) -> list[tuple[str, str]]:
        return [(key, value) for key, value in self.command.get(name) or []]

    def connection(self) -> Connection:
        found = self.optional_connection("connection") or self.sender
        return self._missing("`connection`") if found is None else found

    def optional_connection(self, name: str) -> Connection | None:
        id = self.optional_text(name)
        try:
            return None if id is None else Connection(id)
        except ValueError as why:
            raise Refusal(str(why)) from None

    def _missing(self, what: str) -> NoReturn:
        raise Refusal(f"{json.dumps(self.command)}: no {what}")
