"""Nothing that is written into a cell is lost because somebody moves or deletes it at the same moment.

* Others move a cell into which this program has just written: what was written is put into the copy (``Ledger``).
* This program moves a cell into which others are typing: what they typed is put into the copy (``Shadow``).
* This program deletes a cell into which others are typing: the cell is put back, with what they typed.
* Both move a cell: of the two copies one stays, with what was written into either.
* Others delete a cell into which this program has written: that was their will. ``lost`` has what was written.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pycrdt import Array, Map

from ..datastore.diff import text_edits
from ..datastore.shared_cells import shared_cell
from ..datastore.text_joining import join_texts
from ..tables import Change, Datastore
from .ledger import OwnText
from .shadow import Late, Shadow

GRACE = 120.0
"""Seconds for which it is looked after what others type into a cell that was moved or deleted here."""


@dataclass(frozen=True, slots=True)
class LostText:
    """A cell that somebody else deleted, with what this program had written into it."""

    cell_id: str
    source: str


class Rescue:
    """Looks after one notebook."""

    def __init__(self, tables: Datastore, now: Callable[[], float]) -> None:
        """Begin; ``now`` is a clock in seconds."""
        self.lost: list[LostText] = []
        self._tables = tables
        self._now = now
        self._own: dict[str, OwnText] = {}
        self._due: dict[str, str] = {}
        """What cells are to say, as soon as they can be written."""
        self._gone: dict[str, tuple[OwnText, float]] = {}
        """Cells that are gone, and until when their return is looked after."""
        self._shadow: Shadow | None = None
        self._shadow_ends = 0.0

    def part(self, cell_id: str) -> None:
        """Prepare for the next change made here to move or delete this cell."""
        self._hold([self._ids().index(cell_id)])

    def note(self, change: Change) -> None:
        """Take a change of a cell; within its transaction."""
        if change.after is None:
            self._note_end(change)
        elif change.before is None:
            self._note_return(change)
        elif not change.own and change.moved and change.id in self._own:
            self._note_copy(change)
        elif "source" in change.fields and (change.own or change.id in self._own):
            text = self._own.setdefault(change.id, OwnText(str(change.before["source"])))
            text.take(change.edits("source"), own=change.own)

    def did(self, update: bytes) -> None:
        """Take a change that was made here."""
        if self._shadow is not None:
            self._shadow.did(update)

    def heard(self, update: bytes, *, answer: bool) -> None:
        """Take what arrived, and write what has to be written."""
        if self._shadow is not None:
            late = self._shadow.heard(update, answer=answer)
            self._join_copies(self._shadow)
            self._write_due()
            for one in late:
                self._bring(one)
            if self._now() > self._shadow_ends:
                self._shadow = None
        self._write_due()

    def _write_due(self) -> None:
        due, self._due = self._due, {}
        for cell_id, source in due.items():
            if cell_id in self._cells():
                self._cells().update(cell_id, source=source)

    def _note_end(self, change: Change) -> None:
        text = self._own.pop(change.id, None)
        if text is None or change.before is None:
            return
        now = self._now()
        self._gone = {key: (one, until) for key, (one, until) in self._gone.items() if now <= until}
        self._gone[change.id] = (text, now + GRACE)
        if not change.own:
            self.lost.append(LostText(change.id, str(change.before["source"])))

    def _note_return(self, change: Change) -> None:
        """Take a cell that was gone: perhaps somebody has moved what was deleted at the same moment."""
        text, until = self._gone.pop(change.id, (None, 0.0))
        if text is not None and self._now() <= until:
            self._own[change.id] = text
            self.lost = [one for one in self.lost if one.cell_id != change.id]
            self._note_copy(change)

    def _note_copy(self, change: Change) -> None:
        """Somebody else has moved a cell into which something was written here."""
        copy = str((change.after or {})["source"])
        if copy == str(self._own[change.id]):
            return  # perhaps it is still the other one that is seen: what was written here is kept apart
        wanted = self._own[change.id].rescued(copy)
        self._own[change.id] = OwnText(copy)
        if wanted != copy:
            self._due[change.id] = wanted

    def _bring(self, late: Late) -> None:
        """Put what somebody typed into a cell that was moved or deleted here where it belongs."""
        held, cells = late.held, self._cells()
        if held.cell_id in cells:
            live = str(cells[held.cell_id]["source"])
            cells.update(held.cell_id, source=join_texts(late.before, live, late.now)[0])
            return
        cell = late.latest.cell.to_py() or {}
        cell["source"] = join_texts(late.before, str(cell.get("source", "")), late.now)[0]
        root = self._root()
        with self._tables.transaction():
            root.insert(min(late.latest.place, len(root)), shared_cell(cell))

    def _join_copies(self, shadow: Shadow) -> None:
        """Where somebody else has moved a cell that was moved here too, let one copy stay."""
        ids = self._ids()
        for cell_id in {one for one in ids if one is not None and ids.count(one) > 1}:
            gone = shadow.said(cell_id)
            if not gone:
                continue
            ids = self._ids()
            places = [at for at, one in enumerate(ids) if one == cell_id]
            own = next((at for at in places if self._is_own(at)), places[0])
            joined = self._source(own)
            for other in (self._source(at) for at in places if at != own):
                base = max((_common(said, other) for said in gone), key=len)
                joined = join_texts(base, joined, other)[0]
            self._due.pop(cell_id, None)
            self._hold(places[1:])
            with self._tables.transaction():
                for at in reversed(places[1:]):
                    del self._root()[at]
                self._cells().update(cell_id, source=joined)

    def _source(self, place: int) -> str:
        return str(self._root()[place]["source"])

    def _is_own(self, place: int) -> bool:
        """Whether the cell at a place was put there by this program."""
        item = self._root().sticky_index(place).to_json().get("item") or {}
        return bool(item.get("client") == self._tables.doc.client_id)

    def _hold(self, places: list[int]) -> None:
        if self._shadow is None:
            self._shadow = Shadow(self._tables.doc)
        self._shadow_ends = self._now() + GRACE
        for place in places:
            self._shadow.part(self._root(), place)

    def _cells(self) -> Any:
        return self._tables["cells"]

    def _root(self) -> Array[Any]:
        root: Array[Any] = self._tables.doc.get("cells", type=Array)
        return root

    def _ids(self) -> list[str | None]:
        with self._tables.doc.transaction():  # one for all of them is quicker
            return [cell.get("id") if isinstance(cell, Map) else None for cell in self._root()]


def _common(said: str, copy: str) -> str:
    """Return what is left of a text without what a copy of it lacks."""
    for start, end, _ in text_edits(said, copy):
        said = said[:start] + said[end:]
    return said
