"""Notebooks as plain values: what they mean, which cells correspond, and how two versions are joined. Pure.

* Cells correspond by id; where a format has no ids, or a program made new ones, by content and order.
* A cell that one side deleted and the other changed stays: nobody's edit is deleted unseen.
* A cell that both sides changed is joined field by field; of outputs, and of a value that both changed, the
  document's own version is kept, because a person sees it.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from .diff import join_texts

Cell = dict[str, Any]
Notebook = dict[str, Any]

EMPTY_METADATA: Mapping[str, Any] = {
    "kernelspec": {"name": "", "display_name": ""},
    "language_info": {"name": ""},
}
"""What the frontends expect of a notebook that says nothing of its kernel; it is never written to a file."""


def new_cell_id() -> str:
    """Return a fresh cell id (nbformat 4.5: 1 to 64 characters, unique in its notebook)."""
    return secrets.token_hex(4)


def has_ids(major: int, minor: int) -> bool:
    """Whether cells of this format have ids in the file."""
    return (major, minor) >= (4, 5)


def plain_cell(cell: Cell, seen: set[str], *, with_ids: bool) -> Cell:
    """Return a document's cell as a file has it; an id that was seen already gets a suffix, never a deletion."""
    plain = {key: value for key, value in cell.items() if key != "execution_state"}
    if plain.get("cell_type") != "code" and not plain.get("attachments", True):
        del plain["attachments"]
    cell_id = str(plain.pop("id", "")) or new_cell_id()
    while cell_id in seen:
        cell_id += "x"
    seen.add(cell_id)
    if with_ids:
        plain["id"] = cell_id
    return plain


# --- meaning ---------------------------------------------------------------------------------------------


def digest_notebook(notebook: Notebook) -> str:
    """Return a digest of what a notebook means, independent of how a file spells it."""
    text = json.dumps(_meaning(notebook), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _meaning(notebook: Notebook) -> Notebook:
    major, minor = int(notebook.get("nbformat", 4)), int(notebook.get("nbformat_minor", 5))
    cells = [_cell_meaning(cell, with_ids=has_ids(major, minor)) for cell in notebook.get("cells", [])]
    if len(cells) == 1 and _says_nothing(cells[0]):
        cells = []
    metadata = {
        key: _value(value)
        for key, value in notebook.get("metadata", {}).items()
        if value != EMPTY_METADATA.get(key, ...)
    }
    return {"cells": cells, "metadata": metadata, "nbformat": [major, minor]}


def _cell_meaning(cell: Cell, *, with_ids: bool) -> Cell:
    ignored = {"execution_state"} if with_ids else {"execution_state", "id"}
    out = {key: _value(value) for key, value in cell.items() if key not in ignored}
    out["source"] = _text(cell.get("source", ""))
    out["metadata"] = {key: value for key, value in out.get("metadata", {}).items() if key != "trusted"}
    if not out.get("attachments", True):
        del out["attachments"]
    if out.get("cell_type") == "code":
        out.setdefault("execution_count", None)
        out["outputs"] = [_output_meaning(output) for output in cell.get("outputs", [])]
    return out


def _output_meaning(output: dict[str, Any]) -> dict[str, Any]:
    out = {key: _value(value) for key, value in output.items() if key != "transient"}
    if "text" in out:
        out["text"] = _text(output["text"])
    if "data" in out:
        out["data"] = {mime: _mime_value(mime, value) for mime, value in out["data"].items()}
    if not out.get("metadata", True):
        del out["metadata"]
    return out


def _mime_value(mime: str, value: Any) -> Any:
    """Return a mime bundle's value; texts may be lists of lines, JSON may be a list that is meant."""
    is_json = mime == "application/json" or mime.endswith("+json")
    return value if is_json or not isinstance(value, list) else _text(value)


def _says_nothing(cell: Cell) -> bool:
    ordinary: Cell = {"cell_type": "code", "source": "", "metadata": {}, "outputs": [], "execution_count": None}
    return {key: value for key, value in cell.items() if key != "id"} == ordinary


def _text(text: Any) -> str:
    return "".join(text) if isinstance(text, list) else str(text)


def _value(value: Any) -> Any:
    """Return a JSON value with one kind of number: a document does not know 1 from 1.0."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, dict):
        return {key: _value(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_value(one) for one in value]
    return value


# --- correspondence --------------------------------------------------------------------------------------


def aligned(old: Sequence[Cell], new: Sequence[Cell]) -> list[Cell]:
    """Return the new cells with an id each, unique: their own, or that of the old cell they correspond to."""
    known = {cell.get("id") for cell in old}
    taken: set[str] = set()
    out = []
    for cell in new:
        cell_id = cell.get("id")
        if not cell_id or cell_id in taken:
            out.append({key: value for key, value in cell.items() if key != "id"})
        else:
            taken.add(cell_id)
            out.append(dict(cell))
    nameless = [cell for cell in out if "id" not in cell]
    free = [cell for cell in old if cell.get("id") not in taken] if nameless else []
    for cell, partner in _pairs(free, nameless):
        if partner["id"] in known and partner["id"] not in taken:
            cell["id"] = partner["id"]
            taken.add(partner["id"])
    for cell in nameless:
        cell.setdefault("id", new_cell_id())
    return out


def in_place(old: Sequence[Cell], new: Sequence[Cell]) -> set[str]:
    """Return the ids of the cells that stay: the longest sequence that keeps its order, and their type."""
    where = {cell.get("id"): (index, cell.get("cell_type")) for index, cell in enumerate(old)}
    first = {cell_id: index for cell_id, (index, _) in where.items()}
    duplicates = len(first) != len(old)
    staying = [cell["id"] for cell in new if cell["id"] in where and where[cell["id"]][1] == cell.get("cell_type")]
    if duplicates:  # a document with a doubled id is made right by new cells
        counts = [cell.get("id") for cell in old]
        staying = [cell_id for cell_id in staying if counts.count(cell_id) == 1]
    order = [where[cell_id][0] for cell_id in staying]
    return {staying[index] for index in _longest_rise(order)}


def _pairs(old: Sequence[Cell], new: Sequence[Cell]) -> list[tuple[Cell, Cell]]:
    """Return pairs of a new cell and the old one it continues: equal ones first, then those between them."""
    was, becomes = ([f"{c.get('cell_type')}:{_text(c.get('source', ''))}" for c in side] for side in (old, new))
    pairs: list[tuple[Cell, Cell]] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, was, becomes, autojunk=False).get_opcodes():
        if tag in ("equal", "replace"):
            between = zip(old[i1:i2], new[j1:j2], strict=False)
            pairs += [(b, a) for a, b in between if a.get("cell_type") == b.get("cell_type")]
    return pairs


def _longest_rise(numbers: Sequence[int]) -> list[int]:
    """Return the indexes of a longest rising subsequence (Fredman 1975)."""
    tails: list[int] = []
    ends: list[int] = []
    before: list[int | None] = []
    for index, number in enumerate(numbers):
        at = bisect_left(tails, number)
        before.append(ends[at - 1] if at else None)
        if at == len(tails):
            tails.append(number)
            ends.append(index)
        else:
            tails[at], ends[at] = number, index
    chain: list[int] = []
    last = ends[-1] if ends else None
    while last is not None:
        chain.append(last)
        last = before[last]
    return chain[::-1]


# --- joining ---------------------------------------------------------------------------------------------


def join_notebooks(base: Notebook, live: Notebook, disk: Notebook) -> tuple[Notebook, tuple[str, ...]]:
    """Return the live notebook with what the disk changed since the base, and the cells that both changed."""
    cells, conflicts = _join_cells(*_with_ids(base, live, disk))
    metadata, clash = _join_maps(base.get("metadata", {}), live.get("metadata", {}), disk.get("metadata", {}))
    joined = {**live, "cells": cells, "metadata": metadata}
    for key in ("nbformat", "nbformat_minor"):
        if disk.get(key) != base.get(key):
            joined[key] = disk.get(key)
    return joined, tuple(conflicts) + (("metadata",) if clash else ())


def _with_ids(base: Notebook, live: Notebook, disk: Notebook) -> tuple[list[Cell], list[Cell], list[Cell]]:
    """Return the three versions' cells with ids that correspond."""
    mine = aligned([], live["cells"])
    before = aligned(mine, base["cells"])
    theirs = aligned(before, disk["cells"])
    if len(mine) == 1 and not before and _says_nothing(_cell_meaning(mine[0], with_ids=False)):
        mine = []  # the cell that an empty notebook is shown with
    return before, mine, theirs


def _join_cells(base: list[Cell], live: list[Cell], disk: list[Cell]) -> tuple[list[Cell], list[str]]:
    before, mine = _by_id(base), _by_id(live)
    theirs = _by_id(disk)
    kept: dict[str, Cell] = {}
    conflicts: list[str] = []
    for cell_id in [*mine, *(one for one in theirs if one not in mine)]:
        cell, clash = _join_cell(before.get(cell_id), mine.get(cell_id), theirs.get(cell_id))
        if cell is not None:
            kept[cell_id] = cell
        if clash:
            conflicts.append(cell_id)
    order = _join_orders(list(before), list(mine), list(theirs), kept)
    return [kept[cell_id] for cell_id in order], conflicts


def _join_cell(base: Cell | None, live: Cell | None, disk: Cell | None) -> tuple[Cell | None, bool]:
    """Return what becomes of one cell (None: it is deleted), and whether both sides changed the same."""
    if live is None or disk is None:
        survivor = live if disk is None else disk
        if base is None or survivor is None:
            return survivor, False
        return (None, False) if _same(survivor, base) else (survivor, False)
    if _same(live, disk):
        return live, False
    return _join_fields(base or {"metadata": {}}, live, disk)


def _join_fields(base: Cell, live: Cell, disk: Cell) -> tuple[Cell, bool]:
    source, clash = join_texts(_text(base.get("source", "")), _text(live["source"]), _text(disk["source"]))
    metadata, other = _join_maps(base.get("metadata", {}), live.get("metadata", {}), disk.get("metadata", {}))
    apart = ("source", "metadata")
    rest, third = _join_maps(*({k: v for k, v in one.items() if k not in apart} for one in (base, live, disk)))
    return {**rest, "source": source, "metadata": metadata}, clash or other or third


def _join_maps(
    base: Mapping[str, Any], live: Mapping[str, Any], disk: Mapping[str, Any]
) -> tuple[dict[str, Any], bool]:
    joined, clash = dict(live), False
    for key in {*base, *disk}:
        was, now, theirs = (_value(one.get(key, ...)) for one in (base, live, disk))
        if theirs in (was, now) or key == "trusted":
            continue
        if now != was:
            clash = True
        elif theirs is ...:
            joined.pop(key, None)
        else:
            joined[key] = disk[key]
    return joined, clash


def _join_orders(base: list[str], live: list[str], disk: list[str], kept: Mapping[str, Cell]) -> list[str]:
    """Return the order of the cells that are kept: the live one, with what the disk added and moved."""
    common = [cell_id for cell_id in disk if cell_id in set(base)]
    places = {cell_id: index for index, cell_id in enumerate(base)}
    staying = {common[index] for index in _longest_rise([places[cell_id] for cell_id in common])}
    placed = [one for one in live if one in kept and (one in staying or one not in set(common))]
    for index, cell_id in enumerate(disk):
        if cell_id in kept and cell_id not in placed:
            placed.insert(_place_after(placed, disk[:index]), cell_id)
    return placed


def _place_after(placed: list[str], predecessors: list[str]) -> int:
    for cell_id in reversed(predecessors):
        if cell_id in placed:
            return placed.index(cell_id) + 1
    return 0


def _by_id(cells: list[Cell]) -> dict[str, Cell]:
    return {cell["id"]: cell for cell in cells}


def _same(one: Cell, other: Cell) -> bool:
    return _cell_meaning(one, with_ids=False) == _cell_meaning(other, with_ids=False)
