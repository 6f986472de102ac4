"""What a document was filled with when its room was opened, in the pieces in which it came. Pure.

Much is logged and sent piece by piece, so that nobody is held up; little is one update. Large pieces are kept for a
moment, for the first who opens the document; who comes later gets it out of the document, as one.
"""

from __future__ import annotations

from collections.abc import Sequence

from pycrdt import merge_updates

KEPT = 1.0
"""Seconds for which the pieces are kept for the first who opens the document."""

LARGE = 2**20
"""Bytes from which on they are logged and sent as they came."""


class Seed:
    """The pieces."""

    def __init__(self) -> None:
        """Begin with none."""
        self.state = b"\x00"
        """The state vector of the document that was filled."""
        self._pieces: list[bytes] = []
        self._ends: float | None = None
        self._spare = False
        """Whether they were given away since ``forget`` was asked last."""

    @property
    def is_large(self) -> bool:
        """Whether it is sent and logged in pieces."""
        return sum(map(len, self._pieces)) >= LARGE

    def add(self, update: bytes) -> None:
        """Take a piece."""
        self._pieces.append(update)

    def to_log(self, *, as_one: bool = True) -> list[bytes]:
        """Return what is to be logged: much as it came, and little too, unless it may be ``as_one``."""
        if self.is_large or not self._pieces or not as_one:
            return list(self._pieces)
        return [merge_updates(*self._pieces)]

    def fill(self, state: bytes, *, keep: bool) -> None:
        """Note that the document is filled; without ``keep``, or where it is little, nothing is kept of it."""
        self.state = state
        if not (keep and self.is_large):
            self._pieces = []

    def take(self) -> Sequence[bytes]:
        """Return the pieces, once."""
        pieces, self._pieces = self._pieces, []
        if pieces:
            self._spare = True
        return pieces

    def forget(self, now: float) -> bool:
        """Keep no longer what nobody has asked for; return whether much memory was given up since the last time."""
        spare, self._spare = self._spare, False
        if not self._pieces:
            return spare
        if self._ends is None:
            self._ends = now + KEPT
        if now < self._ends:
            return False
        self._pieces = []
        return True
