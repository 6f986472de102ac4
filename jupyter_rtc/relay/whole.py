"""The whole of a large document as bytes, kept for a moment for those who open it one after another. Pure.

A class that comes in, or everybody after a restart, is answered from one encoding. A change of the document makes it
worthless; little is not kept, as it is made faster than it is looked up.
"""

from __future__ import annotations

from collections.abc import Callable

KEPT = 5.0
"""Seconds for which it is kept after it was made."""

LARGE = 2**20
"""Bytes from which on it is kept."""


class Whole:
    """One encoding of one document."""

    def __init__(self) -> None:
        """Begin without one."""
        self._revision = -1
        self._update = b""
        self._ends: float | None = None

    def at(self, revision: int, encode: Callable[[], bytes]) -> bytes:
        """Return the update that makes the whole document as it is at this revision."""
        if self._revision == revision:
            return self._update
        self._drop()
        update = encode()
        if len(update) >= LARGE:
            self._revision, self._update = revision, update
        return update

    def forget(self, now: float) -> bool:
        """Keep no longer what was kept long enough; return whether much memory was given up."""
        if not self._update:
            return False
        if self._ends is None:
            self._ends = now + KEPT
        if now < self._ends:
            return False
        self._drop()
        return True

    def _drop(self) -> None:
        self._revision, self._update, self._ends = -1, b"", None
