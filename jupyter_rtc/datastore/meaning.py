"""What a notebook means, independent of how a file or a document spells it. Pure.

It means the same with keys in another order, with texts as lists of lines, with an empty thing that may be left
out, with what the notary and the frontends add for themselves (``trusted``, ``execution_state``, an empty
kernelspec), without the one empty cell that a notebook without cells is shown with, and without cell ids where
its format has none. Keys at the top of a notebook that nbformat does not know stay in the file; no document has them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from .values import joined, kept, same

Cell = dict[str, Any]
Notebook = dict[str, Any]

EMPTY_METADATA: Mapping[str, Any] = {
    "kernelspec": {"name": "", "display_name": ""},
    "language_info": {"name": ""},
}
"""What the frontends expect of a notebook that says nothing of its kernel; it is never written to a file."""

NOT_STORED = frozenset({"orig_nbformat", "orig_nbformat_minor", "signature"})
"""Metadata that nbformat takes off when it writes a notebook."""

MAX_ID = 64
"""The most characters of a cell id (nbformat 4.5)."""


def has_ids(major: int, minor: int) -> bool:
    """Whether cells of this format have ids in the file."""
    return (major, minor) >= (4, 5)


def format_of(notebook: Notebook) -> tuple[int, int]:
    """Return the notebook's format, major and minor."""
    return int(notebook.get("nbformat", 4)), int(notebook.get("nbformat_minor", 5))


def digest_notebook(notebook: Notebook) -> str:
    """Return a digest (sha256, hexadecimal) of what a notebook means."""
    digest = hashlib.sha256()
    for part in _meanings(notebook):  # one by one: encoding all at once would hold up every other thread
        digest.update(json.dumps(part, sort_keys=True, separators=(",", ":")).encode())
        digest.update(b"\n")
    return digest.hexdigest()


def cell_meaning(cell: Cell, *, with_id: bool) -> Cell:
    """Return what a cell means, as a kept value."""
    ignored = {"execution_state", "outputs"} if with_id else {"execution_state", "outputs", "id"}
    out: Cell = {key: kept(value) for key, value in cell.items() if key not in ignored}
    out["source"] = joined(out.get("source", ""))
    out["metadata"] = {key: value for key, value in out.get("metadata", {}).items() if key != "trusted"}
    if out.get("attachments"):
        out["attachments"] = {name: _bundle(one) for name, one in out["attachments"].items()}
    else:
        out.pop("attachments", None)
    if out.get("cell_type") == "code":
        out.setdefault("execution_count", None)
        out["outputs"] = [output_meaning(output) for output in cell.get("outputs", [])]
    return out


def means_the_same(one: Cell, other: Cell, *, with_id: bool) -> bool:
    """Whether two cells mean the same."""
    # Most cells that are compared are spelled alike, which is quicker to see than what they mean.
    ignored = ("execution_state",) if with_id else ("execution_state", "id")
    spelled = [{key: value for key, value in cell.items() if key not in ignored} for cell in (one, other)]
    return same(*spelled) or same(cell_meaning(one, with_id=with_id), cell_meaning(other, with_id=with_id))


def output_meaning(output: dict[str, Any]) -> dict[str, Any]:
    """Return what an output means, as a kept value."""
    out: dict[str, Any] = {key: kept(value) for key, value in output.items() if key != "transient"}
    if "text" in out:
        out["text"] = joined(out["text"])
    if "data" in out:
        out["data"] = _bundle(out["data"])
    if not out.get("metadata", True):
        del out["metadata"]
    return out


def says_nothing(cell: Cell) -> bool:
    """Whether this is the empty cell that a notebook without cells is shown with."""
    ordinary: Cell = {"cell_type": "code", "source": "", "metadata": {}, "outputs": [], "execution_count": None}
    return cell_meaning(cell, with_id=False) == ordinary


def fresh_id(cell: Cell, index: int, taken: set[str]) -> str:
    """Return an id for a cell that has none: the same for the same cell at the same place."""
    seed = f"{index} {cell.get('cell_type')} {sound_source(cell)}"
    made = hashlib.sha256(seed.encode()).hexdigest()[:8]
    return unlike(made, taken)


def unlike(cell_id: str, taken: set[str]) -> str:
    """Return this id, or one made of it that is not taken."""
    stem, number = cell_id, 0
    while cell_id in taken:
        number += 1
        cell_id = f"{stem[: MAX_ID - 8]}-{number}"
    return cell_id


def sound_source(cell: Cell) -> str:
    """Return the text of a cell's source, as documents keep it."""
    return str(kept(joined(cell.get("source", ""))))


def plain_cells(held: list[Any]) -> list[Cell]:
    """Return a document's cells as a file has them, each with an id of its own.

    A cell that is there twice, alike in everything, is one cell (two people moved it at once); of two that only share
    their id, the second gets another, as anew at each reading.
    """
    cells: dict[str, Cell] = {}
    for index, cell in enumerate(held):
        if not isinstance(cell, dict):
            continue
        plain = _plain_cell(cell)
        cell_id = str(plain.pop("id", None) or "") or fresh_id(plain, index, set(cells))
        if cell_id in cells and cells[cell_id] == {**plain, "id": cell_id}:
            continue
        cell_id = unlike(cell_id, set(cells)) if cell_id in cells else cell_id
        cells[cell_id] = {**plain, "id": cell_id}
    return list(cells.values())


def _plain_cell(cell: Cell) -> Cell:
    """Return a document's cell without what only frontends need, and with what each cell has."""
    plain = {key: value for key, value in cell.items() if key != "execution_state"}
    plain.setdefault("cell_type", "raw")
    plain["source"] = joined(plain.get("source", ""))
    if not isinstance(plain.get("metadata"), dict):
        plain["metadata"] = {}
    if not plain.get("attachments", True):
        del plain["attachments"]
    if plain["cell_type"] == "code":
        outputs = plain.get("outputs")
        plain["outputs"] = [one for one in outputs if isinstance(one, dict)] if isinstance(outputs, list) else []
        plain.setdefault("execution_count", None)
    return plain


def plain_metadata(metadata: dict[str, Any]) -> dict[str, Any]:
    """Return the notebook's metadata without what only frontends need."""
    return {key: value for key, value in metadata.items() if value != EMPTY_METADATA.get(key, ...)}


def _meanings(notebook: Notebook) -> Iterator[Any]:
    """Yield what a notebook means, in parts: all but its cells, and then each of them."""
    major, minor = format_of(notebook)
    with_ids = has_ids(major, minor)
    cells = notebook.get("cells", [])
    if len(cells) == 1 and says_nothing(cells[0]):
        cells = []
    metadata = plain_metadata(kept(notebook.get("metadata", {})))
    metadata = {key: value for key, value in metadata.items() if key not in NOT_STORED}
    yield {"metadata": metadata, "nbformat": [major, minor]}
    for cell in cells:
        yield cell_meaning(cell, with_id=with_ids)


def _bundle(bundle: dict[str, Any]) -> dict[str, Any]:
    return {mime: _content(mime, value) for mime, value in bundle.items()}


def _content(mime: str, value: Any) -> Any:
    """Return a mime type's content; a text may be a list of lines, JSON may be a list that is meant."""
    lines = isinstance(value, list) and all(isinstance(line, str) for line in value)
    return joined(value) if lines and not is_json_type(mime) else value


def is_json_type(mime: str) -> bool:
    """Whether what has this media type is a JSON value and no text, as nbformat decides it."""
    return mime == "application/json" or (mime.startswith("application/") and mime.endswith("+json"))
