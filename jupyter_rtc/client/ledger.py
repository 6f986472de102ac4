"""What this program has written into cells, so that it can be told apart from what others wrote. Pure.

A shared notebook knows no move: who moves a cell deletes it and puts a copy elsewhere, with what they had seen of it.
What this program wrote a moment before is not in that copy. The ledger says what the cell would be without the last of
one's own edits; if that is what the copy says, they were lost, and what the cell said before is what it should say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..datastore.text_joining import join_texts

REMEMBERED = 100
"""How many own edits of one cell are told apart; older ones count as seen by everybody."""


@dataclass(slots=True)
class Piece:
    """A part of a text."""

    text: str
    came: int = 0
    """The own edit that inserted it; 0: somebody else's."""
    went: int = 0
    """The own edit that deleted it; 0: it is there."""


class OwnText:
    """A cell's text, with one's own edits apart."""

    def __init__(self, text: str) -> None:
        """Begin with what everybody has."""
        self._pieces = [Piece(text)] if text else []
        self._edits = 0

    def __str__(self) -> str:
        return self.without(0)

    def take(self, edits: Iterable[tuple[int, int, str]], *, own: bool) -> None:
        """Follow what became of the text; the edits are descending."""
        if own:
            self._edits += 1
            self._forget_old()
        for start, end, text in edits:
            first = self._split(start)
            last = self._split(end)
            if own:
                for piece in self._pieces[first:last]:
                    piece.went = piece.went or self._edits
            else:
                self._pieces[first:last] = [piece for piece in self._pieces[first:last] if piece.went]
            if text:
                self._pieces.insert(first, Piece(text, self._edits if own else 0))

    def without(self, last: int) -> str:
        """Return the text without one's own last edits, so many of them."""
        upto = self._edits - last
        return "".join(one.text for one in self._pieces if one.came <= upto and not 0 < one.went <= upto)

    def earlier(self) -> Iterator[str]:
        """Return the text without the last own edit, without the last two, and so on."""
        return (self.without(last) for last in range(1, min(self._edits, REMEMBERED) + 1))

    def rescued(self, copy: str) -> str:
        """Return what a copy should say that somebody made who may not have seen all own edits."""
        now = str(self)
        if copy == now:
            return now
        base = next((text for text in self.earlier() if text == copy), self.without(self._edits))
        return join_texts(base, copy, now)[0]

    def _split(self, at: int) -> int:
        """Return the index of the piece that begins at a place, counted in what is there."""
        for index, piece in enumerate(self._pieces):
            size = 0 if piece.went else len(piece.text)
            if at == 0:
                return index
            if at < size:
                rest = Piece(piece.text[at:], piece.came, piece.went)
                piece.text = piece.text[:at]
                self._pieces.insert(index + 1, rest)
                return index + 1
            at -= size
        return len(self._pieces)

    def _forget_old(self) -> None:
        old = self._edits - REMEMBERED
        if old > 0:
            self._pieces = [one for one in self._pieces if not 0 < one.went <= old]
            for piece in self._pieces:
                piece.came = 0 if piece.came <= old else piece.came
