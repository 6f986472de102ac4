"""Three versions of one notebook become one. Pure.

* A cell that one side deleted and the other changed stays: nobody's edit is deleted unseen.
* A cell that both sides changed is joined field by field, its source as text; a cell that the disk moved takes along
  what was typed into it. What both did alike is there once.
* Of outputs, and of any other value that both changed, the document's own version is kept, because a person sees it;
  that counts as a conflict, like two edits of the same words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .alignment import aligned
from .diff import longest_rise
from .meaning import (
    Cell,
    Notebook,
    format_of,
    has_ids,
    means_the_same,
    output_meaning,
    says_nothing,
    sound_source,
)
from .text_joining import join_texts
from .values import kept, same


def join_notebooks(base: Notebook, live: Notebook, disk: Notebook) -> tuple[Notebook, tuple[str, ...]]:
    """Return the live notebook with what the disk changed since the base, and the cells that both changed.

    The cells of ``base`` and ``live`` have ids in any format; those of ``disk`` have what the file has.
    """
    before, mine, theirs = _corresponding(base, live, disk)
    cells, conflicts = _join_cells(before, mine, theirs)
    metadata, clash = join_maps(base.get("metadata", {}), live.get("metadata", {}), disk.get("metadata", {}))
    joined = {**live, "cells": cells, "metadata": metadata}
    for key in ("nbformat", "nbformat_minor"):
        if key in disk and disk[key] != base.get(key):
            joined[key] = disk[key]
    return joined, (*conflicts, "metadata") if clash else tuple(conflicts)


def join_maps(base: Mapping[str, Any], live: Mapping[str, Any], disk: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
    """Return the live map with what the disk changed, key by key, and whether both changed the same."""
    out, clash = dict(live), False
    for key in dict.fromkeys([*base, *disk]):
        if key == "trusted":
            continue
        was, now, theirs = base.get(key, ...), live.get(key, ...), disk.get(key, ...)
        if _alike(theirs, was) or _alike(theirs, now):
            continue
        if isinstance(now, dict) and isinstance(theirs, dict):
            out[key], inner = join_maps(was if isinstance(was, dict) else {}, now, theirs)
            clash |= inner
        elif _alike(now, was):
            out[key] = theirs
        else:
            clash = True
    return {key: value for key, value in out.items() if value is not ...}, clash


def _alike(one: Any, other: Any) -> bool:
    return one is other or (one is not ... and other is not ... and same(kept(one), kept(other)))


def _corresponding(base: Notebook, live: Notebook, disk: Notebook) -> tuple[list[Cell], list[Cell], list[Cell]]:
    """Return the three versions' cells with ids that correspond."""
    mine = aligned([], live["cells"])
    before = aligned(mine, base["cells"])
    theirs = aligned(before, disk["cells"])
    if not has_ids(*format_of(disk)):
        theirs = _already_there(before, mine, theirs)
    if len(mine) == 1 and not before and says_nothing(mine[0]):
        mine = []  # the cell that an empty notebook is shown with
    return before, mine, theirs


def _already_there(before: list[Cell], mine: list[Cell], theirs: list[Cell]) -> list[Cell]:
    """Give the disk's new cells the ids of the live document's new cells that say the same."""
    known = {cell["id"] for cell in before}
    news = {at: cell for at, cell in enumerate(theirs) if cell["id"] not in known}
    waiting = {_words(cell): cell["id"] for cell in mine if cell["id"] not in known and sound_source(cell).strip()}
    out = list(theirs)
    for at, cell in news.items():
        out[at] = {**cell, "id": waiting.pop(_words(cell), cell["id"])}
    return out


def _words(cell: Cell) -> tuple[Any, str]:
    return cell.get("cell_type"), sound_source(cell)


def _join_cells(base: list[Cell], live: list[Cell], disk: list[Cell]) -> tuple[list[Cell], list[str]]:
    before, mine, theirs = ({cell["id"]: cell for cell in side} for side in (base, live, disk))
    joined: dict[str, Cell] = {}
    conflicts: list[str] = []
    for cell_id in dict.fromkeys([*mine, *theirs]):
        cell, clash = _join_cell(before.get(cell_id), mine.get(cell_id), theirs.get(cell_id))
        if cell is not None:
            joined[cell_id] = cell
        if clash:
            conflicts.append(cell_id)
    order = _join_orders(list(before), list(mine), list(theirs), joined)
    return [joined[cell_id] for cell_id in order], conflicts


def _join_cell(base: Cell | None, live: Cell | None, disk: Cell | None) -> tuple[Cell | None, bool]:
    """Return what becomes of one cell (None: it is deleted), and whether both sides changed the same."""
    if live is None or disk is None:
        survivor = live if disk is None else disk
        if base is None or survivor is None:
            return survivor, False
        return (None, False) if means_the_same(survivor, base, with_id=False) else (survivor, False)
    if means_the_same(live, disk, with_id=False) or (base and means_the_same(disk, base, with_id=False)):
        return live, False
    return _join_fields(base or {}, live, disk)


def _join_fields(base: Cell, live: Cell, disk: Cell) -> tuple[Cell, bool]:
    source, clash = join_texts(*(sound_source(cell) for cell in (base, live, disk)))
    apart = ("source", "outputs", "execution_state", "id")
    sides = [{key: value for key, value in cell.items() if key not in apart} for cell in (base, live, disk)]
    fields, other = join_maps(*sides)
    out = {"id": live["id"], **fields, "source": source}
    if out["cell_type"] != "code":
        out.pop("execution_count", None)
        return out, clash or other
    outputs, third = _join_outputs(*(cell.get("outputs", []) for cell in (base, live, disk)))
    if outputs is not live.get("outputs"):  # whether they may run scripts is what the notary said of them
        out["metadata"] = {**out["metadata"], "trusted": bool(disk["metadata"].get("trusted"))}
    return {**out, "outputs": outputs}, clash or other or third


def _join_outputs(base: list[Any], live: list[Any], disk: list[Any]) -> tuple[list[Any], bool]:
    was, now, theirs = ([output_meaning(output) for output in side] for side in (base, live, disk))
    if same(theirs, was) or same(theirs, now):
        return live, False
    return (disk, False) if same(now, was) else (live, True)


def _join_orders(
    base: Sequence[str], live: Sequence[str], disk: Sequence[str], joined: Mapping[str, Cell]
) -> list[str]:
    """Return the order of the cells that remain: the live one, with what the disk added and moved."""
    places = {cell_id: at for at, cell_id in enumerate(base)}
    common = [cell_id for cell_id in disk if cell_id in places]
    still = {common[index] for index in longest_rise([places[cell_id] for cell_id in common])}
    moved = set(common) - still
    order = [cell_id for cell_id in live if cell_id in joined and cell_id not in moved]
    placed, before = set(order), ""
    for cell_id in disk:
        if cell_id in joined and cell_id not in placed:
            order.insert(order.index(before) + 1 if before else 0, cell_id)
            placed.add(cell_id)
        before = cell_id if cell_id in placed else before
    return order
