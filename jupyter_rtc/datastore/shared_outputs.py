"""Writing what has changed in a run's outputs into the shared cell, or into the record of a run that is of no cell.

It is done in steps, each of which the caller makes a change (a transaction) of its own, because of what JupyterLab
makes of a remote change: it puts every output that comes behind those it shows, and takes of a change only one text,
which it appends to, or cuts at, the end of the last output. So outputs are appended, or go from one on and come again;
texts change at the end of the last output, in a step of their own; and two streams of one name never follow each other.

Where the cell is not as the changes expect, because somebody cleared or changed its outputs, all are written anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from pycrdt import Array, Map, Text

from .outputs import AppendOutput, AppendText, CellOutputs, Change, ClearOutputs, EditOutput, ReplaceOutput
from .shared_cells import shared_outputs
from .stream_output import byte_size

Step = Callable[[], None]

RUN = 4096
"""Into runs of about so many bytes a text is divided: to append to a run costs as much as the run is long."""


def write_changes(
    place: Map[Any], changes: Sequence[Change], outputs: CellOutputs, field: str = "outputs"
) -> Iterator[Step]:
    """Give the steps that bring changes, just taken from the outputs, into a cell or record; do each before the next.

    ``field`` is which field of it has the outputs.
    """
    if not changes:
        return
    shared = place.get(field)
    if not isinstance(shared, Array):
        yield partial(_create, place, field, outputs)
    elif isinstance(changes[0], ClearOutputs) or not _expected(shared, changes, len(outputs)):
        yield partial(_write_from, shared, 0, outputs.as_nbformat())
    else:
        yield from _steps(shared, changes, outputs)


def _steps(shared: Array[Any], changes: Sequence[Change], outputs: CellOutputs) -> Iterator[Step]:
    edited = [change for change in changes if isinstance(change, EditOutput)]
    if edited:
        yield partial(_edit, shared, edited)
    replaced = [change.index for change in changes if isinstance(change, ReplaceOutput)]
    if replaced:
        yield partial(_write_from, shared, min(replaced), outputs.as_nbformat())
        return
    for change in changes:
        if isinstance(change, AppendText):
            yield partial(_change_text, shared[change.index]["text"], change)
    appended = [change.output for change in changes if isinstance(change, AppendOutput)]
    if appended:
        yield partial(_append, shared, appended)


def _expected(shared: Array[Any], changes: Sequence[Change], count: int) -> bool:
    """Whether the outputs are as they were when the changes before these had been written, as far as it matters."""
    if len(shared) != count - sum(isinstance(change, AppendOutput) for change in changes):
        return False
    for change in changes:
        if isinstance(change, AppendText):
            text = _text(shared[change.index])
            if text is None or len(text) != change.size:
                return False
        if isinstance(change, EditOutput) and not isinstance(shared[change.index], Map):
            return False
    return True


def _text(output: Any) -> Text | None:
    """Return the text of an output, if it is a stream as it should be."""
    text = output.get("text") if isinstance(output, Map) else None
    return text if isinstance(text, Text) else None


def _create(place: Map[Any], field: str, outputs: CellOutputs) -> None:
    place[field] = Array(shared_outputs(outputs.as_nbformat()))


def _write_from(shared: Array[Any], start: int, outputs: list[dict[str, Any]]) -> None:
    """Make the outputs from this one on be these; what goes stands before what comes, for frontends to see it so."""
    if start < len(shared):
        del shared[start:]
    _append(shared, outputs[start:])


def _append(shared: Array[Any], outputs: list[dict[str, Any]]) -> None:
    if outputs:
        shared.extend(shared_outputs(outputs))


def _edit(shared: Array[Any], changes: list[EditOutput]) -> None:
    for change in changes:
        shared[change.index]["data"] = change.output["data"]
        shared[change.index]["metadata"] = change.output["metadata"]


def _change_text(text: Text, change: AppendText) -> None:
    """Change a text at its end; what comes is put behind what goes, for frontends to see it in this order."""
    end = len(text)
    if end // RUN < (end + byte_size(change.text)) // RUN:
        _end_run(text)
    if change.text:
        text.insert(end, change.text)
    if change.dropped:
        del text[end - byte_size(change.dropped) : end]


def _end_run(text: Text) -> None:
    """Put something that is gone at once at the end, which keeps what follows from joining what is there."""
    end = len(text)
    text.insert(end, "\n")
    del text[end]
