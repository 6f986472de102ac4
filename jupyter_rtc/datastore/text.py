"""A plain text: one ``source`` text, in lines that end with LF.

A half of a surrogate pair, which no document can hold, becomes U+FFFD.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from pycrdt import Doc, Text

from .content import Content
from .shared_text import edit_text
from .text_joining import join_texts
from .values import sound

STEP = 1 << 20
"""Characters that are put into a document at a time: a few milliseconds."""


class TextShape:
    """The shape of plain texts; jupyter_ydoc's ``YUnicode``, version 1.0.0."""

    def read(self, ydoc: Doc[Any]) -> Content:
        """Return the text."""
        return str(_source(ydoc))

    def fill(self, ydoc: Doc[Any], content: Content) -> Iterator[None]:
        """Give an empty document this text."""
        source = _source(ydoc)
        text = sound(str(content))
        for start in range(0, len(text), STEP):
            source += text[start : start + STEP]
            yield

    def change(self, ydoc: Doc[Any], content: Content) -> None:
        """Make the document's text be this one."""
        edit_text(_source(ydoc), str(content))

    def digest(self, content: Content) -> str:
        """Return a digest of the text, whatever ends its lines."""
        plain = str(content).replace("\r\n", "\n").replace("\r", "\n")
        return hashlib.sha256(sound(plain).encode()).hexdigest()

    def join(self, base: Doc[Any], live: Doc[Any], disk: Content) -> tuple[Content, tuple[str, ...]]:
        """Return the text with the changes of both sides."""
        text, conflict = join_texts(str(_source(base)), str(_source(live)), sound(str(disk)))
        return text, ("source",) if conflict else ()


def _source(ydoc: Doc[Any]) -> Text:
    source: Text = ydoc.get("source", type=Text)
    return source
