"""How a run stands, as its record and its cell show it. The caller opened a transaction; nothing is decided here."""

from __future__ import annotations

from typing import Any

from pycrdt import Doc, Map

from . import cells, records
from .reasons import is_unwanted
from .run import Run, RunStatus
from .work import Work


def cell_of(doc: Doc[Any], run: Run) -> Map[Any] | None:
    """Return the run's cell, if it has one that is there and still is code."""
    return None if run.cell_id is None else cells.find_code(doc, run.cell_id)


def show_waiting(doc: Doc[Any], run: Run, place: int) -> None:
    """Show that it waits, and how far it is from its turn."""
    records.write_run(doc, run, place)
    if cell := cell_of(doc, run):
        cells.show_waiting(cell)
        cells.mark(cell, run.marks)


def show_started(doc: Doc[Any], run: Run, generation: int) -> Map[Any] | None:
    """Show that it runs, in this generation of its kernel; return its cell."""
    records.write_kernel(doc, run.kernel_id, "busy", generation)
    records.write_run(doc, run, 0)
    cell = cell_of(doc, run)
    if cell is not None:
        cells.show_started(cell)
    return cell


def show_ended(doc: Doc[Any], work: Work, shown: Work | None = None, *, was_last: bool) -> None:
    """Show how it ended, in its cell if that was its last run, and why it did not even begin, if nobody wanted that.

    ``shown`` is the run whose outputs the cell shows, if that is another one.
    """
    run = work.run
    records.write_run(doc, run)
    if run.cell_id is None:
        records.end_displays(doc, run.id)
    elif was_last and (cell := cells.find(doc, run.cell_id)):
        shown = shown or work
        cells.show_ended(cell, shown.run.execution_count, shown.timing)
        cells.unmark(cell)
        why_not = run.failure if run.status is RunStatus.ABORTED and run.started_at is None else None
        if why_not is not None and is_unwanted(why_not) and cells.is_code(cell):
            cells.show_not_run(cell, why_not.ename, why_not.evalue)
