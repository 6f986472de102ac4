"""Cells that somebody deletes or cuts while they run, or wait for their turn, and what they show when they come back.

Undo and paste bring a cell back as it was when it went, which may be running; its run has gone on meanwhile. So it gets
what its run has shown, and shows that it runs only if it does. It is looked for whenever cells go from a notebook in
which something runs, and when such a cell comes, even if its run went on in an earlier life of this server.

Who moves a cell deletes it and brings a copy, which may lack what its run has shown just then: it gets all of it, too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from typing import Any

from pycrdt import Array, ArrayEvent, Map

from ..documents import Document
from ..ids import RoomId
from . import cells, records
from .cell_runs import CellRuns
from .contained import contained
from .work import KERNEL, Work


class Absences:
    """Those in all documents of one server."""

    def __init__(self) -> None:
        """Begin without documents."""
        self._open: dict[RoomId, _AbsentCells] = {}

    def attach(self, document: Document, cell_runs: CellRuns) -> None:
        """Begin to look in a document that was loaded."""
        self._open[document.room] = _AbsentCells(document, cell_runs)

    def detach(self, document: Document) -> None:
        """Look no more in a document."""
        if (absent := self._open.pop(document.room, None)) is not None:
            absent.close()


class _AbsentCells:
    """Those in one document."""

    def __init__(self, document: Document, cell_runs: CellRuns) -> None:
        self._document = document
        self._cell_runs = cell_runs
        self._gone: dict[str, set[Work]] = {}
        """The runs of each cell that went on when it went."""
        self._is_closed = False
        self._cells: Array[Any] = document.ydoc.get("cells", type=Array)
        self._subscription = self._cells.observe(self._changed)
        if going_on := cell_runs.going_on_in(document.room):
            self._look(going_on, set())  # its room was closed under them, and cells had gone by then

    def close(self) -> None:
        self._cells.unobserve(self._subscription)
        self._is_closed = True

    def _changed(self, event: ArrayEvent) -> None:
        """See to it that it is looked, once the change is over; what goes on now may have ended then."""
        with contained("Which cells come and go could not be seen in %s", self._document.room):
            going_on = self._cell_runs.going_on_in(self._document.room)
            steps: list[dict[str, Any]] = event.delta  # type: ignore[attr-defined]
            came = dict(_ids_and_states(steps))
            known = {*going_on, *self._gone}
            stale = {cell_id for cell_id, state in came.items() if state == "running" or cell_id in known}
            if stale or (going_on and any("delete" in step for step in steps)):
                asyncio.get_running_loop().call_soon(self._look, going_on, stale)

    def _look(self, going_on: dict[str, set[Work]], stale: set[str]) -> None:
        """Look for cells that have gone, and at those that have come as they were at some time before."""
        if self._is_closed:
            return
        with contained("Cells that come and go could not be followed in %s", self._document.room):
            there = cells.code_ids(self._document.ydoc, stale | (going_on.keys() - self._gone.keys()))
            for cell_id in stale & there & {*going_on, *self._gone, *records.cell_ids(self._document.ydoc)}:
                self._show(cell_id, self._gone.pop(cell_id, set()) | going_on.get(cell_id, set()))
            for cell_id in going_on.keys() - there - self._gone.keys():
                self._gone[cell_id] = going_on[cell_id]

    def _show(self, cell_id: str, works: set[Work]) -> None:
        """Let a cell that came show how it stands; these runs of it went on when it went, if there were any."""
        shown = self._cell_runs.shown(self._document.room, cell_id)
        if works and shown not in works:
            shown = None
        if shown is not None:
            shown.write_again(self._document)
        with self._document.edit(KERNEL):
            cell = cells.find_code(self._document.ydoc, cell_id)
            if cell is None:
                return
            if self._cell_runs.goes_on(self._document.room, cell_id):
                cells.show_waiting(cell)
            else:
                count, timing = (None, None) if shown is None else (shown.run.execution_count, shown.timing)
                cells.show_ended(cell, count, timing)
                cells.unmark(cell)


def _ids_and_states(steps: Iterable[dict[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Return the ids of cells that come in these steps of a change, and whether they show that they run."""
    for step in steps:
        for cell in step.get("insert", ()):
            if isinstance(cell, Map) and (name := records.name_in(cell, "id")) is not None:
                yield name, cell.get("execution_state")
