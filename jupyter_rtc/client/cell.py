"""One cell, known by its id: it may be moved meanwhile, or be gone.

Whoever acts on what they saw a while ago says so with ``expect=``: the revision that the cell had then. If the cell
says something else by now, nothing is done, and the error has what it says. Places in a text are in code points.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..datastore.source_hash import source_hash
from ..errors import CellStale, RecordMissing
from ..tables import Record, Watch
from .run import Run

if TYPE_CHECKING:
    from .notebook import Notebook


def check_revision(cell_id: str, source: str, expect: str | None) -> None:
    """Refuse to act on a cell that is not as expected; raises CellStale."""
    if expect is not None and source_hash(source) != expect:
        words = f"The cell {cell_id} was changed since this program looked at it. Look again, and decide anew."
        raise CellStale(words, cell_id, source, source_hash(source))


class Cell:
    """A cell of a notebook."""

    __slots__ = ("_notebook", "id")

    def __init__(self, notebook: Notebook, cell_id: str) -> None:
        self._notebook = notebook
        self.id = cell_id

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Cell) and (self.id, self._notebook) == (other.id, other._notebook)

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return f"<Cell {self.id!r}>"

    @property
    def record(self) -> Record:
        """Its record in the table ``cells``; raises RecordMissing if the cell is gone."""
        found = self._notebook.tables["cells"].get(self.id)
        if found is None:
            raise RecordMissing(f"The cell {self.id} is not in the notebook any more.")
        return found

    @property
    def exists(self) -> bool:
        """Whether it is still in the notebook."""
        return self.id in self._notebook.tables["cells"]

    @property
    def position(self) -> int:
        """Its place now, from 0."""
        return self._notebook.tables["cells"].position(self.id)

    @property
    def type(self) -> str:
        """``code``, ``markdown`` or ``raw``."""
        return str(self.record["cell_type"])

    @property
    def source(self) -> str:
        """What stands in it."""
        return str(self.record["source"])

    @source.setter
    def source(self, text: str) -> None:
        self.set_source(text)

    @property
    def revision(self) -> str:
        """What to ``expect`` of a cell that says what it says now."""
        return source_hash(self.source)

    @property
    def metadata(self) -> dict[str, Any]:
        """Its metadata, as they are now; ``record.map("metadata")`` edits them."""
        return dict(self.record["metadata"])

    @property
    def outputs(self) -> list[dict[str, Any]]:
        """What its run showed, as nbformat writes it."""
        return list(self.record["outputs"])

    @property
    def execution_count(self) -> int | None:
        """The number that the kernel gave its run."""
        count = self.record["execution_count"]
        return None if count is None else int(count)

    @property
    def is_running(self) -> bool:
        """Whether it runs or waits to."""
        return bool(self.record["execution_state"] == "running")

    def set_source(self, text: str, expect: str | None = None) -> None:
        """Make it say this, by small edits: what others type elsewhere in it at the same moment stays."""
        with self._editing(expect) as record:
            record["source"] = text

    def insert(self, at: int, text: str, expect: str | None = None) -> None:
        """Insert a text before the character at a place."""
        self.replace(at, at, text, expect)

    def append(self, text: str, expect: str | None = None) -> None:
        """Insert a text at the end."""
        with self._editing(expect) as record:
            record.text("source").append(text)

    def delete_text(self, start: int, end: int, expect: str | None = None) -> None:
        """Delete the characters from one place up to another."""
        self.replace(start, end, "", expect)

    def replace(self, start: int, end: int, text: str, expect: str | None = None) -> None:
        """Put a text in the place of the characters from one place up to another."""
        with self._editing(expect) as record:
            record.text("source").replace(start, end, text)

    def move(self, *, before: Cell | str | None = None, after: Cell | str | None = None) -> None:
        """Give it another place; without one, the last."""
        self._notebook.cells.move(self, before=before, after=after)

    def delete(self, expect: str | None = None) -> None:
        """Delete it."""
        self._notebook.cells.delete(self, expect=expect)

    def watch(self, *fields: str) -> Watch:
        """Return an asynchronous iterator over its changes, or those of some fields, from now on."""
        return self.record.watch(*fields)

    async def run(self, expect: str | None = None, **options: bool) -> Run:
        """Ask for a run, and return as soon as it is asked for: ``await`` what is returned for its end.

        With ``expect``, the server itself looks whether the cell still says that, and ``await`` raises CellStale.
        ``options`` are those of a run (``silent``, ``store_history``, ``stop_on_error``, ``allow_stdin``).

        Raises:
            CellStale: it is known here already that the cell says something else.

        """
        check_revision(self.id, self.source, expect)
        return await self._notebook.ask_run({"cell_id": self.id}, expect, options)

    @contextmanager
    def _editing(self, expect: str | None) -> Iterator[Record]:
        record = self.record
        check_revision(self.id, str(record["source"]), expect)
        with self._notebook.editing():
            yield record
