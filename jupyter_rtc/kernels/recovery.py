"""What becomes of unfinished runs when their notebook is loaded.

Those that nobody here knows are of an earlier life of this server: they end. Those that are known are of a room that
was closed under them, because it met a defect or was renewed: they go on in the new one, which is brought to where
they are, and what ended meanwhile is shown as it ended. If nobody opens it, it is opened here, after a moment that
doubles each time that it fails again: else their outputs would end with this server.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Any

from pycrdt import Doc

from ..documents import Document, Documents
from ..ids import RoomId
from ..supernode.clock import Clock
from . import cells, records, standing
from .cell_runs import CellRuns
from .contained import contained
from .kernel import Kernel
from .reasons import LOST
from .remembered import Remembered
from .run import Run, RunStatus
from .work import KERNEL, Work

REOPEN_AFTER = 1.0
"""Seconds that somebody else has to open a room again that was closed under its runs; doubled at each further time."""
REOPEN_WITHIN = 60.0
"""Seconds after which it is opened at the latest."""


class Recovery:
    """Brings the records and cells of all notebooks to where their runs are."""

    def __init__(
        self,
        documents: Documents,
        clock: Clock,
        remembered: Remembered,
        kernels: Mapping[str, Kernel],
        cell_runs: CellRuns,
    ) -> None:
        """Look at these runs, of these kernels; ``cell_runs`` knows which of them cells show."""
        self._clock = clock
        self._closed_under: Counter[RoomId] = Counter()
        """How often each room was closed since something has gone on in it."""
        self._documents = documents
        self._remembered = remembered
        self._kernels = kernels
        self._cell_runs = cell_runs

    def end_lost(self, document: Document, at: float) -> None:
        """End the records of runs that an earlier life of this server did not bring to their end."""
        unfinished = records.unfinished(document.ydoc)
        lost = [(run_id, record) for run_id, record in unfinished if run_id not in self._remembered]
        cut = {records.name_in(record, "cell_id") for _, record in lost if record.get("status") == "running"}
        going_on = self._cells_going_on(document.room)
        shown = [cell for cell in cells.running(document.ydoc) if records.name_in(cell, "id") not in going_on]
        if not lost and not shown:
            return
        with document.edit(KERNEL):
            for _, record in lost:
                records.abort(record, LOST.evalue, at)
            records.cancel_inputs(document.ydoc, {run_id for run_id, _ in lost})
            for cell in shown:
                cells.show_ended(cell, None)
                cells.unmark(cell)
                if records.name_in(cell, "id") in cut:
                    cells.append_error(cell, LOST.ename, LOST.evalue)

    def is_due(self, document: Document) -> bool:
        """Whether this document, which has just been loaded, lacks something of runs that are known."""
        return bool(self._remembered.going_on_in(document.room) or self._known_unfinished(document))

    def note_closed(self, room: RoomId) -> bool:
        """Note that a room was closed; return whether runs go on in it."""
        if self._remembered.going_on_in(room):
            self._closed_under[room] += 1
        else:
            del self._closed_under[room]
        return room in self._closed_under

    async def reopen(self, room: RoomId) -> None:
        """Open a room that was closed under its runs, unless they need it no more; it is loaded if nobody did so."""
        seconds = min(REOPEN_WITHIN, REOPEN_AFTER * 2 ** (self._closed_under[room] - 1))
        await self._clock.wait(asyncio.Event(), self._clock.now() + seconds)
        with contained("%s, in which runs go on, could not be opened again; they go on once somebody opens it", room):
            await (await self._documents.open(room)).close()

    async def bring_over(self, room: RoomId) -> None:
        """Let what goes on in a room that was closed under it go on in the one that is open now."""
        with contained("Runs could not be brought over into %s, which was opened anew", room):
            document = await self._documents.open(room)
            try:
                going_on = self._remembered.going_on_in(room)
                for work in going_on:
                    await self._bring(work)
                self._show_ended(document, {*going_on, *self._known_unfinished(document)})
            finally:
                await document.close()

    async def _bring(self, work: Work) -> None:
        document = await self._documents.open(work.run.room)
        if not work.run.status.ended:  # else it has given its document back meanwhile
            document = work.move_to(document)
            self._show(work)
        await document.close()

    def _show(self, work: Work) -> None:
        """Show how a run stands that goes on."""
        run, kernel = work.run, self._kernels.get(work.run.kernel_id)
        with work.editing() as doc:
            if run.status is RunStatus.RUNNING:
                standing.show_started(doc, run, run.generation)
                work.write_now()
            elif kernel is not None:
                standing.show_waiting(doc, run, kernel.queue.going_on.index(run))
            if kernel is not None:
                _show_questions(doc, run, kernel)

    def _show_ended(self, document: Document, works: set[Work]) -> None:
        """Show how those ended that have; a cell shows the run of it that began last."""
        going_on = self._cells_going_on(document.room)
        ended = [work for work in works if work.run.status.ended]
        for work in sorted(ended, key=lambda work: work.run.ended_at or 0.0):
            work.write_again(document)
            with document.edit(KERNEL):
                shown = self._cell_runs.shown(document.room, work.run.cell_id)
                standing.show_ended(document.ydoc, work, shown, was_last=work.run.cell_id not in going_on)
                records.cancel_inputs(document.ydoc, {work.run.id})

    def _known_unfinished(self, document: Document) -> list[Work]:
        """Return the runs that are known, and of which the document does not know that they have ended."""
        found = [self._remembered.find(run_id) for run_id, _ in records.unfinished(document.ydoc)]
        return [work for work in found if work is not None]

    def _cells_going_on(self, room: RoomId) -> set[str | None]:
        return {work.run.cell_id for work in self._remembered.going_on_in(room)}


def _show_questions(doc: Doc[Any], run: Run, kernel: Kernel) -> None:
    """Show what a run asks now, and that it asks nothing else."""
    asked = {one.id: one for one in kernel.inputs.questions if one.work.run is run}
    records.cancel_inputs(doc, {run.id}, but=asked)
    for question in asked.values():
        fields = {"prompt": question.prompt, "password": question.password, "status": "waiting"}
        of = {"run": run.id, "cell_id": run.cell_id, "kernel_id": run.kernel_id}
        records.write_input(doc, question.id, **of, **fields)
