"""What is known by an id, which stands for it in JSON."""

from __future__ import annotations


class Identified:
    """Something that JSON has the id of."""

    __slots__ = ("id",)

    id: str
