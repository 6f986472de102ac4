"""Editing a shared text: by small edits, where pycrdt counts, which is in bytes of UTF-8."""

from __future__ import annotations

from pycrdt import Text

from .diff import text_edits
from .values import sound


def edit_text(text: Text, new: str) -> None:
    """Make a shared text be ``new``, with small edits; cursors in untouched words stay where they are."""
    old, new = str(text), sound(new)
    if old == new:
        return
    edits = text_edits(old, new)
    for start, end, inserted in edits if old.isascii() else _in_bytes(old, edits):
        if end > start:
            del text[start:end]
        if inserted:
            text.insert(start, inserted)


def _in_bytes(old: str, edits: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Return descending edits with their places counted as pycrdt does, in bytes of UTF-8."""
    out = []
    at, size = 0, 0
    for start, end, inserted in reversed(edits):
        first = size + len(old[at:start].encode())
        last = first + len(old[start:end].encode())
        at, size = end, last
        out.append((first, last, inserted))
    return out[::-1]
