"""A code cell of a shared notebook, as running it sees it: its source, and the marks that frontends show.

A cell is found by its id, each time anew: it may have been moved, deleted or brought back meanwhile. The caller
opened a transaction. JupyterLab shows ``[*]`` while ``execution_state`` is ``running``, and makes it ``idle`` by
itself as soon as a count is there: so count and ``idle`` are set together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from pycrdt import Array, Doc, Map, Text

from ..datastore.left_out import reference_in

NBMODEL = "jupyter_server_nbmodel"
"""Where in a cell's metadata jupyter-server-nbmodel's frontends look for a run that goes on."""

MAY_RAISE = "raises-exception"
"""The tag of cells of which an error is expected, as nbclient and JupyterLab have it."""

_places: WeakKeyDictionary[Doc[Any], dict[str, int]] = WeakKeyDictionary()
"""Where each cell of a document was seen last: a hint, looked at before it is believed."""


def find(doc: Doc[Any], cell_id: str) -> Map[Any] | None:
    """Return the cell with this id, or None if there is none."""
    with doc.transaction():  # one for all that is read is quicker
        return find_in(doc, doc.get("cells", type=Array), [cell_id]).get(cell_id)


def find_code(doc: Doc[Any], cell_id: str) -> Map[Any] | None:
    """Return the cell with this id if it can be run; one that is made Markdown keeps its id."""
    cell = find(doc, cell_id)
    return cell if cell is not None and is_code(cell) else None


def find_in(doc: Doc[Any], shared: Array[Any], cell_ids: Iterable[str]) -> dict[str, Map[Any]]:
    """Return those of these cells that there are; ``shared`` is the list of all, which no observer gets by its name."""
    places, found = _places.setdefault(doc, {}), {}
    missing = set(cell_ids)
    for cell_id in list(missing):
        for at in _near(places.get(cell_id), len(shared)):
            there = shared[at]
            if _id(there) == cell_id:
                places[cell_id], found[cell_id] = at, there
                missing.discard(cell_id)
                break
    if missing:
        # To look at each is dear in a long notebook, so all are noted; backwards, since the first with an id counts.
        ids = [_id(cell) for cell in shared]
        places.clear()
        places.update({name: place for place, name in reversed(list(enumerate(ids))) if name is not None})
        found |= {cell_id: shared[places[cell_id]] for cell_id in missing if cell_id in places}
    return found


def _near(place: int | None, count: int) -> Iterator[int]:
    """Return where a cell may be that was here: whoever adds or deletes a cell above moves it by one."""
    if place is not None:
        yield from (at for at in (place, place + 1, place - 1, place + 2, place - 2) if 0 <= at < count)


def place(doc: Doc[Any], cell_id: str | None) -> int:
    """Return where a cell is, counted from 0; -1 if there is none."""
    return -1 if cell_id is None or find(doc, cell_id) is None else _places[doc][cell_id]


def _id(cell: Any) -> str | None:
    found = cell.get("id") if isinstance(cell, Map) else None
    return found if isinstance(found, str) else None


def is_code(cell: Map[Any]) -> bool:
    """Whether it can be run."""
    return bool(cell.get("cell_type") == "code")


def may_raise(cell: Map[Any]) -> bool:
    """Whether it is tagged as one that may raise, so that an error of it stops nothing."""
    metadata = cell.get("metadata")
    tags = _plain(metadata.get("tags")) if isinstance(metadata, Map) else None
    return isinstance(tags, list) and MAY_RAISE in tags


def source(cell: Map[Any]) -> str:
    """Return its text."""
    return str(cell.get("source", ""))


def show_waiting(cell: Map[Any]) -> None:
    """Show that it runs or is about to."""
    if cell.get("execution_state") != "running":
        cell["execution_state"] = "running"


def show_started(cell: Map[Any], timing: dict[str, str] | None = None) -> None:
    """Show that it runs, and what it showed before no more."""
    if cell.get("execution_count") is not None:
        cell["execution_count"] = None
    show_waiting(cell)
    _record(cell, timing)


def show_ended(cell: Map[Any], count: int | None, timing: dict[str, str] | None = None) -> None:
    """Show that it does not run any more; None keeps the count that it has. What is no code any more shows nothing."""
    if not is_code(cell):
        if "execution_state" in cell:
            del cell["execution_state"]
        return
    if count is not None and cell.get("execution_count") != count:
        cell["execution_count"] = count
    if cell.get("execution_state") != "idle":
        cell["execution_state"] = "idle"
    _record(cell, timing)


def mark(cell: Map[Any], marks: Mapping[str, Any] | None) -> None:
    """Let its metadata say how a run can be asked about, as long as it goes on."""
    metadata = cell.get("metadata")
    if marks and isinstance(metadata, Map):
        metadata.update(dict(marks))


def unmark(cell: Map[Any]) -> None:
    """Let its metadata say nothing of that any more."""
    metadata = cell.get("metadata")
    if isinstance(metadata, Map) and NBMODEL in metadata:
        del metadata[NBMODEL]


def _record(cell: Map[Any], timing: dict[str, str] | None) -> None:
    metadata = cell.get("metadata")
    if timing and isinstance(metadata, Map):
        metadata["execution"] = timing


def running(doc: Doc[Any]) -> list[Map[Any]]:
    """Return the cells that show that they run."""
    cells: Array[Any] = doc.get("cells", type=Array)
    with doc.transaction():  # one for all of them is quicker
        return [cell for cell in cells if isinstance(cell, Map) and cell.get("execution_state") == "running"]


def code_ids(doc: Doc[Any], cell_ids: Iterable[str]) -> set[str]:
    """Return the ids of those of these cells that are there and can be run."""
    cells: Array[Any] = doc.get("cells", type=Array)
    with doc.transaction():  # one for all of them is quicker
        return {name for name, cell in find_in(doc, cells, cell_ids).items() if is_code(cell)}


def append_error(cell: Map[Any], ename: str, evalue: str, field: str = "outputs") -> None:
    """Show, behind what it shows already in this field, why it did not come to its end."""
    error = {"output_type": "error", "ename": ename, "evalue": evalue, "traceback": [f"{ename}: {evalue}"]}
    outputs = cell.get(field)
    if isinstance(outputs, Array):
        outputs.append(Map(error))


def show_not_run(cell: Map[Any], ename: str, evalue: str) -> None:
    """Show, behind what it shows from before, why it was not run; it is not said twice."""
    outputs = cell.get("outputs")
    last = outputs[-1] if isinstance(outputs, Array) and len(outputs) else None
    if not (isinstance(last, Map) and last.get("output_type") == "error" and last.get("evalue") == evalue):
        append_error(cell, ename, evalue)


def show_only_error(cell: Map[Any], ename: str, evalue: str) -> None:
    """Show why it was not run, in place of what it showed before."""
    outputs = cell.get("outputs")
    if isinstance(outputs, Array) and len(outputs):
        outputs.clear()
    append_error(cell, ename, evalue)
    show_ended(cell, None)


def references(doc: Doc[Any]) -> set[str]:
    """Return what the outputs of all cells refer to, of what is kept beside the document."""
    cells: Array[Any] = doc.get("cells", type=Array)
    with doc.transaction():  # one for all of them is quicker
        return {one for cell in cells if isinstance(cell, Map) for one in references_in(cell.get("outputs"))}


def references_in(outputs: Any) -> Iterator[str]:
    """Return what shared outputs refer to; what they show is not read, but for texts."""
    for output in outputs if isinstance(outputs, Array) else ():
        if isinstance(output, Map):
            told = {name: _plain(output.get(name)) for name in ("output_type", "text", "traceback", "metadata")}
            if (reference := reference_in(told)) is not None:
                yield reference


def _plain(value: Any) -> Any:
    return value.to_py() if isinstance(value, Array | Map | Text) else value
