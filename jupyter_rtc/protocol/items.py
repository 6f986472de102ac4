"""Where the items of a Yjs update stand (encoding version 1): their ids, and beside or inside what.

It reads what ``structs.check_structs`` has passed, and looks at places only: content is skipped. An item names its
parent, or the neighbours between which it was made; then it has their parent.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .codec import read_number
from .structs import CONTENTS

_GC, _SKIP = 0, 10
_LEFT, _RIGHT, _KEY, _CONTENT = 0x80, 0x40, 0x20, 0x1F
_DELETED, _TEXT, _TYPE, _VALUES = 1, 4, 7, 8

ItemId = tuple[int, int]
"""The client that made an item, and its clock then."""


class Item(NamedTuple):
    """The place of one item."""

    client: int
    clock: int
    length: int
    """How many clocks it takes: an item can hold many characters or values."""
    beside: ItemId | None
    """A neighbour, which has the same parent."""
    parent: ItemId | None
    """The shared type that it is in, where it names that itself; None also for a root."""
    is_type: bool
    is_text: bool
    """Whether it holds characters, or held something that is deleted."""


def items(update: bytes) -> Iterator[Item]:
    """Walk the items of a sound update, in its order."""
    for client, clock, length, kind, beside, parent in _structs(update):
        if kind not in (_GC, _SKIP):
            content = kind & _CONTENT
            yield Item(client, clock, length, beside, parent, content == _TYPE, content in (_DELETED, _TEXT))


def reaches(update: bytes) -> dict[int, int]:
    """Return the clock after the last struct of each client in a sound update, whatever that struct is."""
    return {client: clock + length for client, clock, length, kind, _, _ in _structs(update) if kind != _SKIP}


def _structs(update: bytes) -> Iterator[tuple[int, int, int, int, ItemId | None, ItemId | None]]:
    """Walk all structs: client, clock, length, kind, neighbour and parent."""
    sections, at = read_number(update, 0)
    for _ in range(sections):
        structs, at = read_number(update, at)
        client, at = read_number(update, at)
        clock, at = read_number(update, at)
        for _ in range(structs):
            kind, beside, parent = update[at], None, None
            if kind in (_GC, _SKIP):
                length, at = read_number(update, at + 1)
            else:
                beside, parent, at = _place(update, at)
                length, at = _length(update, at, kind & _CONTENT)
            yield client, clock, length, kind, beside, parent
            clock += length


def _place(data: bytes, at: int) -> tuple[ItemId | None, ItemId | None, int]:
    """Return the neighbour and the parent of an item, and where its content begins."""
    kind, at = data[at], at + 1
    neighbours = []
    for flag in (_LEFT, _RIGHT):
        if kind & flag:
            neighbour, at = _id(data, at)
            neighbours.append(neighbour)
    if neighbours:
        return neighbours[0], None, at
    named, at = read_number(data, at)
    parent = None
    if named:
        at = _skip(data, at)
    else:
        parent, at = _id(data, at)
    return None, parent, _skip(data, at) if kind & _KEY else at


def _length(data: bytes, at: int, content: int) -> tuple[int, int]:
    """Return how many clocks an item's content takes, and where it ends."""
    if content == _DELETED:
        return read_number(data, at)
    end = CONTENTS[content](data, at, len(data))
    if content == _TEXT:
        _, start = read_number(data, at)
        return len(data[start:end].decode(errors="replace").encode("utf-16-le")) // 2, end
    return read_number(data, at)[0] if content == _VALUES else 1, end


def _id(data: bytes, at: int) -> tuple[ItemId, int]:
    client, at = read_number(data, at)
    clock, at = read_number(data, at)
    return (client, clock), at


def _skip(data: bytes, at: int) -> int:
    size, at = read_number(data, at)
    return at + size
