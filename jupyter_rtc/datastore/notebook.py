"""A notebook in a document: cells, outputs and metadata as JupyterLab's frontends share them (jupyter_ydoc 2.0.0).

It is read as JSON that the CRDT library makes (ten times quicker than value by value), filled cell by cell, and
changed by the smallest edits: a cell keeps its identity and its cursors unless it was really removed, moved or
made another type (Yjs has no move). Reading changes nothing. Where another participant has put what is no cell, or
left out what a cell needs, a notebook is read that can be saved.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pycrdt import Array, Doc, Map

from .alignment import aligned, in_place
from .content import Content
from .joining import join_notebooks
from .meaning import (
    EMPTY_METADATA,
    Cell,
    Notebook,
    digest_notebook,
    format_of,
    has_ids,
    means_the_same,
    plain_cells,
    plain_metadata,
)
from .shared_cells import change_cell, change_map, shared_cell, shared_outputs
from .values import kept

STEP = 150_000
"""Characters that are put into a document at a time: a few milliseconds."""


class NotebookShape:
    """The shape of notebooks."""

    def read(self, ydoc: Doc[Any]) -> Content:
        """Return the notebook as its file has it; whole numbers are ints, as the frontends have one kind."""
        notebook = _identified(ydoc)
        if not has_ids(*format_of(notebook)):
            for cell in notebook["cells"]:
                del cell["id"]
        return notebook

    def fill(self, ydoc: Doc[Any], content: Content) -> Iterator[None]:
        """Give an empty document this notebook, in steps of a few milliseconds."""
        notebook = _notebook(content)
        _set_meta(ydoc, notebook)
        yield
        cells, batch, size = _cells(ydoc), list[Cell](), 0
        for cell in aligned([], notebook["cells"] or [empty_cell()]):
            weight = _weight(cell)
            if size + weight > STEP and batch:
                cells.extend([shared_cell(one) for one in batch])
                batch, size = [], 0
                yield
            if weight > STEP and cell.get("outputs"):
                yield from _fill_large(cells, cell)
                continue
            batch.append(cell)
            size += weight
        cells.extend([shared_cell(one) for one in batch])
        yield

    def change(self, ydoc: Doc[Any], content: Content) -> None:
        """Make the document's notebook be this one.

        What the notary says of a cell (``trusted``) is taken over only where the cell's content is new.
        """
        notebook = _notebook(content)
        _set_meta(ydoc, notebook)
        ycells = _cells(ydoc)
        held: list[Any] = _json(ycells)
        old = [cell for cell in held if isinstance(cell, dict)]
        new = aligned(old, notebook["cells"] or [empty_cell()])
        keep = in_place(held, new)
        _delete(ycells, [not (isinstance(cell, dict) and cell.get("id") in keep) for cell in held])
        staying = {cell.get("id"): cell for cell in old}
        for index, cell in enumerate(new):
            if cell["id"] not in keep:
                ycells.insert(index, shared_cell(cell))
            elif not means_the_same(staying[cell["id"]], cell, with_id=True):
                change_cell(ycells[index], staying[cell["id"]], cell)

    def digest(self, content: Content) -> str:
        """Return a digest of what the notebook means."""
        return digest_notebook(_notebook(content))

    def join(self, base: Doc[Any], live: Doc[Any], disk: Content) -> tuple[Content, tuple[str, ...]]:
        """Return the notebook with the changes of both sides; its cells have ids in any format."""
        return join_notebooks(_identified(base), _identified(live), _notebook(disk))


def empty_cell() -> Cell:
    """Return the cell that a notebook without cells is shown with: the frontends cannot show none."""
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {"trusted": True},
        "outputs": [],
        "source": "",
    }


def _identified(ydoc: Doc[Any]) -> Notebook:
    """Return the document's notebook, in which all cells have ids, whatever its format."""
    meta = _json(_meta(ydoc))
    metadata = meta.get("metadata")
    return {
        "cells": plain_cells(_json(_cells(ydoc))),
        "metadata": plain_metadata(metadata if isinstance(metadata, dict) else {}),
        "nbformat": int(meta.get("nbformat", 4)),
        "nbformat_minor": int(meta.get("nbformat_minor", 5)),
    }


def _set_meta(ydoc: Doc[Any], notebook: Notebook) -> None:
    meta = _meta(ydoc)
    for key, wanted in zip(("nbformat", "nbformat_minor"), format_of(notebook), strict=True):
        if meta.get(key) != wanted:
            meta[key] = wanted
    metadata = {**EMPTY_METADATA, **notebook.get("metadata", {})}
    known = meta.get("metadata")
    if isinstance(known, Map):
        change_map(known, _json(known), metadata)
    else:
        meta["metadata"] = Map(kept(metadata))


def _fill_large(cells: Array[Any], cell: Cell) -> Iterator[None]:
    """Append a cell whose outputs take longer than a step."""
    cells.append(shared_cell({**cell, "outputs": []}))
    yield
    outputs: Array[Any] = cells[len(cells) - 1]["outputs"]
    batch, size = list[Any](), 0
    for output in cell["outputs"]:
        batch.append(output)
        size += _weight(output)
        if size > STEP:
            outputs.extend(shared_outputs(batch))
            batch, size = [], 0
            yield
    outputs.extend(shared_outputs(batch))


def _delete(cells: Array[Any], going: list[bool]) -> None:
    """Delete the cells that are marked, runs of them at once, from the end on."""
    end = len(going)
    while end:
        start = end - 1
        while start and going[start - 1] == going[end - 1]:
            start -= 1
        if going[end - 1]:
            del cells[start:end]
        end = start


def _notebook(content: Content) -> Notebook:
    if not isinstance(content, dict):
        raise TypeError("The content of a notebook is a dictionary.")
    return content


def _weight(value: Any) -> int:
    """Return about how many characters a value has."""
    if isinstance(value, str):
        return 20 + len(value)
    if isinstance(value, dict):
        return 20 + sum(map(_weight, value.values()))
    return sum(map(_weight, value)) if isinstance(value, list) else 20


def _json(shared: Map[Any] | Array[Any]) -> Any:
    return json.loads(str(shared))


def _meta(ydoc: Doc[Any]) -> Map[Any]:
    meta: Map[Any] = ydoc.get("meta", type=Map)
    return meta


def _cells(ydoc: Doc[Any]) -> Array[Any]:
    cells: Array[Any] = ydoc.get("cells", type=Array)
    return cells
