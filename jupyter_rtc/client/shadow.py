"""A document as it would be if the cells that were moved or deleted here were still there. Pure.

What somebody types into a cell at the moment in which it is moved or deleted here goes into the one that is gone, and
a shared document shows nothing of that. In the shadow it is still there, so that it can be brought along.

What others delete is followed, but not what an answer of the server says of deletions: there the own ones come back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pycrdt import Array, Doc, Map, StickyIndex, Text

from ..protocol.late_text import deletions
from ..protocol.structs import parts


@dataclass(slots=True)
class Held:
    """A cell that is gone in the document and not here."""

    cell_id: str
    place: int
    """Where it was."""
    item: tuple[int, int]
    """Its id among all that is shared."""
    cell: Map[Any]
    said: str = ""
    """What it said when it was looked at last."""


@dataclass(frozen=True, slots=True)
class Late:
    """What somebody has done to a cell that is gone."""

    held: Held
    latest: Held
    """The cell with this id that went last: it may have been moved more than once."""
    before: str
    now: str


class Shadow:
    """The document as it would be."""

    def __init__(self, doc: Doc[Any]) -> None:
        """Begin as the document is."""
        self._doc: Doc[Any] = Doc(skip_gc=True)  # a cell that is looked at must not be freed meanwhile
        self._doc.apply_update(doc.get_update())
        self._cells: Array[Any] = self._doc.get("cells", type=Array)
        self._held: list[Held] = []
        self._ended: list[Held] = []
        """Those that others have deleted or moved too."""
        self._parting: list[Held] = []

    def part(self, cells: Array[Any], place: int) -> None:
        """Hold the cell at this place of the document's, if the next change made here moves or deletes it."""
        position = cells.sticky_index(place)
        here = StickyIndex.decode(position.encode(), self._cells).get_index()
        item = position.to_json().get("item")
        if item and here < len(self._cells) and self._cells.sticky_index(here).to_json().get("item") == item:
            cell = self._cells[here]
            if isinstance(cell, Map):
                self._parting.append(Held(str(cell.get("id")), place, (item["client"], item["clock"]), cell))

    def did(self, update: bytes) -> None:
        """Follow what was changed here; what was moved or deleted stays here."""
        parting, self._parting = self._parting, []
        made, deleted = parts(update) if parting else (update, b"")
        gone = [one for one in parting if _is_in(one.item, deleted)]
        self._doc.apply_update(made if gone else update)
        for held in gone:
            held.said = _source(held.cell) or ""
        self._held += gone

    def heard(self, update: bytes, *, answer: bool) -> list[Late]:
        """Follow what others have changed; return what of it was done to cells that are gone."""
        self._doc.apply_update(parts(update)[0] if answer else update)
        late = []
        for held in list(self._held):
            now = _source(held.cell)
            if now is None:
                self._held.remove(held)  # they have deleted or moved it too
                self._ended.append(held)
            elif now != held.said:
                late.append(Late(held, self._latest(held.cell_id), held.said, now))
                held.said = now
        return late

    def said(self, cell_id: str) -> list[str]:
        """Return what the cells with this id say that are gone."""
        return [one.said for one in (*self._ended, *self._held) if one.cell_id == cell_id]

    def _latest(self, cell_id: str) -> Held:
        return next(one for one in reversed(self._held) if one.cell_id == cell_id)


def _is_in(item: tuple[int, int], deleted: bytes) -> bool:
    return any(item[0] == client and clock <= item[1] < clock + size for client, clock, size in deletions(deleted))


def _source(cell: Map[Any]) -> str | None:
    """Return what a cell says; None if it is gone here too."""
    source = cell.get("source")
    return str(source) if isinstance(source, Text) else None
