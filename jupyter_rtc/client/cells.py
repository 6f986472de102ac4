"""The cells of a notebook, in their order. A place is only a way to say which cell is meant now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from ..errors import RecordMissing
from .cell import Cell, check_revision

if TYPE_CHECKING:
    from .notebook import Notebook


class Cells:
    """A notebook's cells."""

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook
        self._table = notebook.tables["cells"]

    def __len__(self) -> int:
        return len(self._table)

    def __iter__(self) -> Iterator[Cell]:
        return iter([Cell(self._notebook, one) for one in self._table.ids()])

    def __contains__(self, cell: object) -> bool:
        return (cell.id if isinstance(cell, Cell) else cell) in self._table

    def __getitem__(self, which: int | str) -> Cell:
        """Return the cell with this id, or the one that is at this place now.

        Raises:
            RecordMissing: there is none with this id.
            IndexError: there are not so many.

        """
        if isinstance(which, int):
            return Cell(self._notebook, self._table.ids()[which])
        if which not in self._table:
            raise RecordMissing(f"There is no cell {which} in the notebook.")
        return Cell(self._notebook, which)

    def ids(self) -> list[str]:
        """Return the ids, in the order of the cells."""
        return self._table.ids()

    def insert(
        self,
        source: str = "",
        cell_type: str = "code",
        *,
        before: Cell | str | None = None,
        after: Cell | str | None = None,
        id: str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> Cell:
        """Insert a new cell before or behind another one, or at the end; return it."""
        place = self._before(before, after)
        fields: dict[str, Any] = {"cell_type": cell_type, "source": source, "metadata": dict(metadata or {})}
        with self._notebook.editing():
            record = self._table.create(fields, id=id or str(uuid4()), before=place)
        return Cell(self._notebook, record.id)

    def append(self, source: str = "", cell_type: str = "code") -> Cell:
        """Insert a new cell at the end."""
        return self.insert(source, cell_type)

    def move(self, cell: Cell | str, *, before: Cell | str | None = None, after: Cell | str | None = None) -> None:
        """Give a cell another place: before or behind another one, or the last."""
        place = self._before(before, after)
        if place != _id(cell):
            self._notebook.rescue.part(self[_id(cell)].id)
            with self._notebook.editing():
                self._table.move(_id(cell), before=place)

    def replace(self, cell: Cell | str, source: str, cell_type: str = "code", *, expect: str | None = None) -> Cell:
        """Put a new cell in the place of another; return it."""
        old = self[_id(cell)]
        check_revision(old.id, old.source, expect)
        self._notebook.rescue.part(old.id)
        with self._notebook.editing():
            new = self.insert(source, cell_type, before=old)
            self._table.delete(old.id)
        return new

    def delete(self, cell: Cell | str, *, expect: str | None = None) -> None:
        """Delete a cell; raises RecordMissing, CellStale."""
        found = self[_id(cell)]
        check_revision(found.id, found.source, expect)
        self._notebook.rescue.part(found.id)
        with self._notebook.editing():
            self._table.delete(found.id)

    def _before(self, before: Cell | str | None, after: Cell | str | None) -> str | None:
        """Return the id of the cell before which something is to be; None: at the end."""
        if after is None:
            return None if before is None else _id(before)
        ids = self._table.ids()
        if _id(after) not in ids:
            raise RecordMissing(f"There is no cell {_id(after)} in the notebook.")
        following = ids.index(_id(after)) + 1
        return ids[following] if following < len(ids) else None


def _id(cell: Cell | str) -> str:
    return cell.id if isinstance(cell, Cell) else cell
