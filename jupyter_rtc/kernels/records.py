"""The tables ``executions`` and ``inputs`` of a notebook's own document: what was run, by whom, with what result.

They are roots beside ``cells`` that other frontends ignore, and no part of the file. A record is a map under its
id; each field holds a JSON value. The caller opened a transaction. Only what is known is written; nothing is decided.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import asdict, fields
from typing import Any

from pycrdt import Array, Doc, Map

from ..datastore.left_out import extent
from .cells import references_in
from .run import Failure, Options, Run, RunStatus

EXECUTIONS = "executions"
INPUTS = "inputs"
KERNELS = "kernels"

_OPTIONS = tuple(option.name for option in fields(Options))

KEPT = 100
"""How many runs that ended stay in the table, besides the newest of each cell."""
DISPLAYED = 20 * 2**20
"""How large what those of no cell have shown may be together, in characters; the newest stays, however large."""
DISPLAYS = "displays"
"""The field with what a run of no cell shows."""


def executions(doc: Doc[Any]) -> Map[Any]:
    """Return the table of runs."""
    table: Map[Any] = doc.get(EXECUTIONS, type=Map)
    return table


def inputs(doc: Doc[Any]) -> Map[Any]:
    """Return the table of questions that running code asks."""
    table: Map[Any] = doc.get(INPUTS, type=Map)
    return table


def write_run(doc: Doc[Any], run: Run, position: int | None = None) -> None:
    """Make the record of a run say how it stands; ``position`` is its place in the queue, 0 while it runs."""
    table = executions(doc)
    known = {**_fields(run), "position": position}
    record = table.get(run.id)
    if not isinstance(record, Map):
        table[run.id] = Map(known)
        return
    # What a run of no cell shows is in its record, and may be large.
    shown = _plain(record) if run.cell_id is not None else {name: record.get(name) for name in known}
    for name, value in known.items():
        if name not in shown or shown[name] != value:
            record[name] = value


def write_position(doc: Doc[Any], run_id: str, position: int | None) -> None:
    """Note a run's place in the queue."""
    record = executions(doc).get(run_id)
    if isinstance(record, Map) and record.get("position") != position:
        record["position"] = position


def unfinished(doc: Doc[Any]) -> Iterator[tuple[str, Map[Any]]]:
    """Return the records of runs that have not ended."""
    open_ones = {status.value for status in RunStatus if not status.ended}
    for run_id, record in executions(doc).items():
        if isinstance(record, Map) and name_in(record, "status") in open_ones:
            yield run_id, record


def cell_ids(doc: Doc[Any], statuses: Iterable[RunStatus] = RunStatus) -> set[str]:
    """Return the cells of which there is a run in the table that stands so."""
    wanted = {status.value for status in statuses}
    those = [record for record in executions(doc).values() if isinstance(record, Map)]
    found = {name_in(record, "cell_id") for record in those if name_in(record, "status") in wanted}
    return {cell_id for cell_id in found if cell_id is not None}


def refuse(record: Map[Any], failure: Failure) -> None:
    """Note that a run cannot be."""
    record["status"] = RunStatus.ERROR.value
    record["failure"] = {**asdict(failure), "traceback": []}


def abort(record: Map[Any], why: str, at: float) -> None:
    """Note that a run never came to its end."""
    record["status"] = RunStatus.ABORTED.value
    record["failure"] = {"ename": "Aborted", "evalue": why, "traceback": []}
    record["ended_at"] = at
    record["position"] = None


def cancel_inputs(doc: Doc[Any], run_ids: set[str], but: Container[str] = ()) -> None:
    """Note that nothing waits any more for what these runs asked, but these questions."""
    for question_id, record in inputs(doc).items():
        if question_id in but or not isinstance(record, Map):
            continue
        if name_in(record, "run") in run_ids and record.get("status") == "waiting":
            record["status"] = "cancelled"


def prune(doc: Doc[Any], keep: int = KEPT, displayed: int = DISPLAYED) -> None:
    """Delete old records of runs that ended, but the newest of each cell, and what the deleted ones asked."""
    table = executions(doc)
    ended = [
        (_number(record.get("asked_at")), run_id, name_in(record, "cell_id"), extent(record.get(DISPLAYS) or []))
        for run_id, record in _plain(table).items()
        if isinstance(record, dict) and record.get("status") in ("ok", "error", "aborted")
    ]
    if len(ended) <= keep and sum(size for *_, size in ended) <= displayed:
        return
    ended.sort(reverse=True)
    seen: set[str | None] = set()
    total = 0
    for place, (_, run_id, cell_id, size) in enumerate(ended):
        newest = cell_id is not None and cell_id not in seen
        seen.add(cell_id)
        total += size
        if (place >= keep and not newest) or (size and total > max(displayed, size)):
            del table[run_id]
    questions = inputs(doc)
    for question_id, record in list(questions.items()):
        if isinstance(record, Map) and str(record.get("run")) not in table:
            del questions[question_id]


def name_in(record: Mapping[str, Any] | Map[Any], field: str) -> str | None:
    """Return a field that is a text, or None: anybody who may edit can write anything into a record."""
    value = record.get(field)
    return value if isinstance(value, str) else None


def _plain(table: Map[Any]) -> dict[str, Any]:
    """Return what a map holds, all at once: to ask for each value takes ten times as long."""
    held: dict[str, Any] = json.loads(str(table))
    return held


def _number(value: Any) -> float:
    return value if isinstance(value, int | float) else 0.0


def kernels(doc: Doc[Any]) -> Map[Any]:
    """Return the table of kernels that have run cells of this document."""
    table: Map[Any] = doc.get(KERNELS, type=Map)
    return table


def kernel_entry(state: str, generation: int, reason: str = "") -> dict[str, Any]:
    """Return what the table says of one kernel."""
    return {"execution_state": state, "generation": generation, "reason": reason}


def write_kernel(doc: Doc[Any], kernel_id: str, state: str, generation: int, reason: str = "") -> None:
    """Note how a kernel that runs cells of this document stands."""
    table, entry = kernels(doc), kernel_entry(state, generation, reason)
    if table.get(kernel_id) != entry:
        table[kernel_id] = entry


def _fields(run: Run) -> dict[str, Any]:
    return {
        "cell_id": run.cell_id,
        "kernel_id": run.kernel_id,
        "generation": run.generation,
        "code": run.code,
        "user": run.username,
        "batch": run.batch,
        "options": {name: getattr(run.options, name) for name in _OPTIONS},
        "status": run.status.value,
        "asked_at": run.asked_at,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "execution_count": run.execution_count,
        "failure": None if run.failure is None else {**asdict(run.failure), "traceback": list(run.failure.traceback)},
    }


def end_displays(doc: Doc[Any], run_id: str) -> None:
    """Let a run of no cell have shown nothing, if it has shown nothing."""
    record = executions(doc).get(run_id)
    if isinstance(record, Map) and not isinstance(record.get(DISPLAYS), Array):
        record[DISPLAYS] = Array([])


def references(doc: Doc[Any]) -> set[str]:
    """Return what runs of no cell have shown refers to, of what is kept beside the document."""
    shown = [record.get(DISPLAYS) for record in executions(doc).values() if isinstance(record, Map)]
    return {one for displays in shown for one in references_in(displays)}


def write_input(doc: Doc[Any], question_id: str, **fields: Any) -> None:
    """Make the record of a question have these fields."""
    table = inputs(doc)
    record = table.get(question_id)
    if isinstance(record, Map):
        for name, value in fields.items():
            record[name] = value
    else:
        table[question_id] = Map(fields)
