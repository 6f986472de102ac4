"""Bytes: a ``source`` map whose ``bytes`` are replaced as a whole. Two versions of bytes cannot be joined."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from pycrdt import Doc, Map

from .content import Content


class BlobShape:
    """The shape of binary files; jupyter_ydoc's ``YBlob``, version 2.0.0."""

    def read(self, ydoc: Doc[Any]) -> Content:
        """Return the bytes."""
        found: bytes = _source(ydoc).get("bytes", b"")
        return found

    def fill(self, ydoc: Doc[Any], content: Content) -> Iterator[None]:
        """Give an empty document these bytes."""
        self.change(ydoc, content)
        yield

    def change(self, ydoc: Doc[Any], content: Content) -> None:
        """Make the document's bytes be these."""
        if self.read(ydoc) != content:
            _source(ydoc)["bytes"] = content

    def digest(self, content: Content) -> str:
        """Return a digest of the bytes."""
        return hashlib.sha256(_bytes(content)).hexdigest()

    def join(self, base: Doc[Any], live: Doc[Any], disk: Content) -> tuple[Content, tuple[str, ...]]:
        """Return the person's bytes where both changed: what is on disk can be got back from there."""
        was, now = self.read(base), self.read(live)
        if now == was:
            return disk, ()
        return now, (() if disk in (was, now) else ("source",))


def _bytes(content: Content) -> bytes:
    return content if isinstance(content, bytes) else str(content).encode()


def _source(ydoc: Doc[Any]) -> Map[Any]:
    source: Map[Any] = ydoc.get("source", type=Map)
    return source
