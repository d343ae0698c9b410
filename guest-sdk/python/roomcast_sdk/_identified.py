"""Objects that are represented by an id in JSON."""

from __future__ import annotations


class Identified:
    """An object that becomes its id in JSON."""

    __slots__ = ("id",)

    id: str
