"""A plain text: one ``source`` text, in lines that end with LF.

pycrdt counts a text in bytes of UTF-8; everything here that the outside sees is in code points.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from pycrdt import Doc, Text

from .content import Content
from .diff import join_texts, text_edits

STEP = 1 << 20
"""Characters that are put into a document at a time: a few milliseconds."""


def edit_text(text: Text, new: str) -> None:
    """Make a shared text be ``new``, with small edits; cursors in untouched lines stay where they are."""
    old = str(text)
    if old == new:
        return
    edits = text_edits(old, new)
    changes = edits if old.isascii() else _in_bytes(old, edits)
    for start, end, inserted in changes:
        if end > start:
            del text[start:end]
        if inserted:
            text.insert(start, inserted)


def _in_bytes(old: str, edits: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Return descending edits with their places counted in bytes of UTF-8."""
    out = []
    at, size = 0, 0
    for start, end, inserted in reversed(edits):
        first = size + len(old[at:start].encode())
        last = first + len(old[start:end].encode())
        at, size = end, last
        out.append((first, last, inserted))
    return out[::-1]


class TextShape:
    """The shape of plain texts; jupyter_ydoc's ``YUnicode``, version 1.0.0."""

    def read(self, ydoc: Doc[Any]) -> Content:
        """Return the text."""
        return str(_source(ydoc))

    def fill(self, ydoc: Doc[Any], content: Content) -> Iterator[None]:
        """Give an empty document this text."""
        source = _source(ydoc)
        text = str(content)
        for start in range(0, len(text), STEP):
            source += text[start : start + STEP]
            yield

    def change(self, ydoc: Doc[Any], content: Content) -> None:
        """Make the document's text be this one."""
        edit_text(_source(ydoc), str(content))

    def digest(self, content: Content) -> str:
        """Return a digest of the text, whatever ends its lines."""
        plain = str(content).replace("\r\n", "\n").replace("\r", "\n")
        return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()

    def join(self, base: Content, live: Content, disk: Content) -> tuple[Content, tuple[str, ...]]:
        """Return the text with the changes of both sides."""
        text, conflict = join_texts(str(base), str(live), str(disk))
        return text, ("source",) if conflict else ()


def _source(ydoc: Doc[Any]) -> Text:
    source: Text = ydoc.get("source", type=Text)
    return source
