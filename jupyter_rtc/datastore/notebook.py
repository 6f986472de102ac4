"""A notebook in a document: cells, outputs and metadata as JupyterLab's frontends share them (jupyter_ydoc 2.0.0).

It is read as JSON that the CRDT library makes (ten times quicker than value by value), filled cell by cell, and
changed by the smallest edits: a cell keeps its identity and its cursors unless it was really removed, moved or
made another type (Yjs has no move). What a notebook means, and how two versions are joined, is in ``cells``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pycrdt import Array, Doc, Map, Text

from .cells import (
    EMPTY_METADATA,
    aligned,
    digest_notebook,
    has_ids,
    in_place,
    join_notebooks,
    new_cell_id,
    plain_cell,
)
from .content import Content
from .text import edit_text

Cell = dict[str, Any]

STEP_CHARACTERS = 100_000
"""Characters of cells that are put into a document at a time: some milliseconds."""


class NotebookShape:
    """The shape of notebooks."""

    def read(self, ydoc: Doc[Any]) -> Content:
        """Return the notebook; numbers without a fraction are ints, as the frontends have only one kind."""
        meta = _json(_meta(ydoc))
        major, minor = int(meta.get("nbformat", 4)), int(meta.get("nbformat_minor", 5))
        with_ids = has_ids(major, minor)
        seen: set[str] = set()
        cells = [plain_cell(cell, seen, with_ids=with_ids) for cell in _json(_cells(ydoc))]
        metadata = {
            key: value for key, value in meta.get("metadata", {}).items() if value != EMPTY_METADATA.get(key, ...)
        }
        return {"cells": cells, "metadata": metadata, "nbformat": major, "nbformat_minor": minor}

    def fill(self, ydoc: Doc[Any], content: Content) -> Iterator[None]:
        """Give an empty document this notebook, in steps of a few milliseconds."""
        notebook = _notebook(content)
        self._set_meta(ydoc, notebook)
        yield
        cells, batch, size = _cells(ydoc), list[Map[Any]](), 0
        for cell in notebook["cells"] or [empty_cell()]:
            batch.append(shared_cell(cell))
            size += _weight(cell)
            if size > STEP_CHARACTERS:
                cells.extend(batch)
                batch, size = [], 0
                yield
        cells.extend(batch)
        yield

    def change(self, ydoc: Doc[Any], content: Content) -> None:
        """Make the document's notebook be this one."""
        notebook = _notebook(content)
        self._set_meta(ydoc, notebook)
        ycells = _cells(ydoc)
        old: list[Cell] = _json(ycells)
        new = aligned(old, notebook["cells"] or [empty_cell()])
        keep = in_place(old, new)
        for index in range(len(old) - 1, -1, -1):
            if old[index]["id"] not in keep:
                del ycells[index]
        staying = {cell["id"]: cell for cell in old}
        for index, cell in enumerate(new):
            if cell["id"] in keep:
                _change_cell(ycells[index], staying[cell["id"]], cell)
            else:
                ycells.insert(index, shared_cell(cell))

    def digest(self, content: Content) -> str:
        """Return a digest of what the notebook means."""
        return digest_notebook(_notebook(content))

    def join(self, base: Content, live: Content, disk: Content) -> tuple[Content, tuple[str, ...]]:
        """Return the notebook with the changes of both sides."""
        return join_notebooks(_notebook(base), _notebook(live), _notebook(disk))

    def _set_meta(self, ydoc: Doc[Any], notebook: dict[str, Any]) -> None:
        meta = _meta(ydoc)
        for key, default in (("nbformat", 4), ("nbformat_minor", 5)):
            wanted = notebook.get(key, default)
            if meta.get(key) != wanted:
                meta[key] = wanted
        metadata = {**EMPTY_METADATA, **notebook.get("metadata", {})}
        known = meta.get("metadata")
        if isinstance(known, Map):
            _change_map(known, _json(known), metadata)
        else:
            meta["metadata"] = Map(metadata)


def empty_cell() -> Cell:
    """Return the cell that a notebook without cells is shown with: the frontends cannot show none."""
    return {
        "id": new_cell_id(),
        "cell_type": "code",
        "execution_count": None,
        "metadata": {"trusted": True},
        "outputs": [],
        "source": "",
    }


def shared_cell(cell: Cell) -> Map[Any]:
    """Return a new cell for a document."""
    shared = {**cell, "source": Text(_joined(cell.get("source", "")))}
    shared.setdefault("id", new_cell_id())
    shared["metadata"] = Map(dict(cell.get("metadata", {})))
    if cell["cell_type"] == "code":
        shared["outputs"] = Array([_shared_output(output) for output in cell.get("outputs", [])])
        shared.setdefault("execution_count", None)
        shared["execution_state"] = "idle"
    elif not cell.get("attachments", True):
        del shared["attachments"]
    return Map(shared)


def _shared_output(output: dict[str, Any]) -> Map[Any]:
    if output.get("output_type") != "stream":
        return Map(dict(output))
    return Map({**output, "text": Text(_joined(output.get("text", "")))})


def _change_cell(shared: Map[Any], old: Cell, new: Cell) -> None:
    if plain_cell(old, set(), with_ids=True) == plain_cell(new, set(), with_ids=True):
        return
    edit_text(shared["source"], _joined(new.get("source", "")))
    _change_map(shared["metadata"], old.get("metadata", {}), new.get("metadata", {}))
    if new["cell_type"] == "code" and old.get("outputs", []) != new.get("outputs", []):
        outputs = shared["outputs"]
        outputs.clear()
        outputs.extend([_shared_output(output) for output in new.get("outputs", [])])
    apart = ("source", "metadata", "outputs", "execution_state")
    _change_map(
        shared,
        {key: value for key, value in old.items() if key not in apart},
        {key: value for key, value in new.items() if key not in apart},
    )


def _change_map(shared: Map[Any], old: dict[str, Any], new: dict[str, Any]) -> None:
    for key in old.keys() - new.keys():
        if key in shared:
            del shared[key]
    for key, value in new.items():
        if key not in old or old[key] != value:
            shared[key] = value


def _notebook(content: Content) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise TypeError("The content of a notebook is a dictionary.")
    return content


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)


def _weight(cell: Cell) -> int:
    """Return about how many characters a cell has."""
    outputs = cell.get("outputs") or cell.get("attachments")
    return 200 + len(cell.get("source", "")) + (len(json.dumps(outputs)) if outputs else 0)


def _json(shared: Map[Any] | Array[Any]) -> Any:
    return json.loads(str(shared), parse_float=_number)


def _number(text: str) -> int | float:
    value = float(text)
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _meta(ydoc: Doc[Any]) -> Map[Any]:
    meta: Map[Any] = ydoc.get("meta", type=Map)
    return meta


def _cells(ydoc: Doc[Any]) -> Array[Any]:
    cells: Array[Any] = ydoc.get("cells", type=Array)
    return cells
