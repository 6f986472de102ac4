"""Which cell of a new notebook continues which cell of an old one. Pure.

Cells correspond by id. Where a format has no ids, they correspond by content: the same text in the same order, then
the same text anywhere, then the texts that resemble each other most, then the place between those of the same text. A
program that writes a notebook anew may give its cells new ids: such cells correspond by content too, but never by
place alone, because a cell with an id of its own may as well be another one. An id is only ever given to one cell.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import product
from typing import Any

from .diff import changes, longest_rise
from .meaning import Cell, fresh_id, sound_source

CLOSE = 0.6
"""How many of their words two cells with different ids share that are taken for one (Dice's coefficient)."""

LIKELY = 0.3
"""How many they share if the newer one has no id."""

MAX_PAIRS = 2_500
"""Up to this many pairs of cells, each text is compared with each."""

_WORDS = re.compile(r"\w+")

Gap = tuple[list[int], list[int]]
"""Places of old and of new cells that stand between the same two corresponding cells."""


def aligned(old: Sequence[Cell], new: Sequence[Cell]) -> list[Cell]:
    """Return copies of the new cells with an id each, unique: of the old cell that they continue, or their own."""
    known = {str(cell.get("id")) for cell in old}
    ids = _own_ids(new)
    unknown = [at for at, cell_id in enumerate(ids) if cell_id not in known]
    continued = set(ids) & known
    free = [cell for cell in old if cell.get("id") and cell["id"] not in continued]
    for index, partner in _partners(free, [new[at] for at in unknown], [ids[at] is None for at in unknown]):
        ids[unknown[index]] = free[partner]["id"]
    taken = known | {cell_id for cell_id in ids if cell_id}
    out = []
    for at, (cell, cell_id) in enumerate(zip(new, ids, strict=True)):
        final = cell_id or fresh_id(cell, at, taken)
        taken.add(final)
        out.append({**cell, "id": final})
    return out


def in_place(old: Sequence[Any], new: Sequence[Cell]) -> set[str]:
    """Return the ids of the cells that stay: a longest sequence that keeps order and type.

    ``old`` is what a document holds, where an id may be there twice and a cell may be no cell; those do not stay.
    """
    cells = {at: cell for at, cell in enumerate(old) if isinstance(cell, dict)}
    times = Counter(cell.get("id") for cell in cells.values())
    where = {cell.get("id"): at for at, cell in cells.items() if times[cell.get("id")] == 1}
    staying = [
        cell["id"]
        for cell in new
        if cell["id"] in where and cells[where[cell["id"]]].get("cell_type") == cell.get("cell_type")
    ]
    return {staying[index] for index in longest_rise([where[cell_id] for cell_id in staying])}


def _own_ids(cells: Sequence[Cell]) -> list[str | None]:
    """Return the id that each cell brings; the second cell of an id brings none."""
    seen: set[str] = set()
    ids: list[str | None] = []
    for cell in cells:
        cell_id = str(cell.get("id") or "")
        ids.append(cell_id if cell_id and cell_id not in seen else None)
        seen.add(cell_id)
    return ids


def _partners(old: Sequence[Cell], new: Sequence[Cell], nameless: Sequence[bool]) -> list[tuple[int, int]]:
    """Return ``(new, old)`` places of cells that correspond by content; ``nameless`` ones also by place."""
    if not old or not new:
        return []
    was, becomes = [_key(cell) for cell in old], [_key(cell) for cell in new]
    gaps: list[Gap] = []
    pairs: list[tuple[int, int]] = []
    at, new_at = 0, 0
    for change in changes(was, becomes):
        pairs += zip(range(new_at, change.new_start), range(at, change.start), strict=True)
        gaps.append((list(range(change.start, change.end)), list(range(change.new_start, change.new_end))))
        at, new_at = change.end, change.new_end
    pairs += zip(range(new_at, len(new)), range(at, len(old)), strict=True)
    pairs += _taken_out(gaps, _elsewhere(was, becomes, gaps))
    pairs += _taken_out(gaps, _resembling(old, new, gaps, nameless))
    for rows, columns in gaps:
        same_place = zip(columns, rows, strict=False)
        pairs += [(b, a) for b, a in same_place if nameless[b] and _one_type(old[a], new[b])]
    return pairs


def _taken_out(gaps: list[Gap], pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the pairs, whose cells are in the gaps no more."""
    gone, came = {old for _, old in pairs}, {new for new, _ in pairs}
    for rows, columns in gaps:
        rows[:] = [at for at in rows if at not in gone]
        columns[:] = [at for at in columns if at not in came]
    return pairs


def _elsewhere(
    was: Sequence[tuple[Any, str]], becomes: Sequence[tuple[Any, str]], gaps: list[Gap]
) -> list[tuple[int, int]]:
    """Return the pairs of cells that have the same text in another place."""
    waiting: dict[tuple[Any, str], list[int]] = defaultdict(list)
    for rows, _ in gaps:
        for at in rows:
            if was[at][1].strip():
                waiting[was[at]].append(at)
    return [(at, waiting[becomes[at]].pop(0)) for _, columns in gaps for at in columns if waiting.get(becomes[at])]


def _resembling(
    old: Sequence[Cell], new: Sequence[Cell], gaps: list[Gap], nameless: Sequence[bool]
) -> list[tuple[int, int]]:
    """Return the pairs of cells whose texts resemble each other, the most alike first."""
    rows = {at: _words_of(old[at]) for rows, _ in gaps for at in rows}
    columns = {at: _words_of(new[at]) for _, columns in gaps for at in columns}
    if len(rows) * len(columns) > MAX_PAIRS:
        return []
    alike = [
        (-_likeness(rows[row], columns[column]), abs(row - column), column, row)
        for row, column in product(rows, columns)
        if _one_type(old[row], new[column])
    ]
    pairs: dict[int, int] = {}
    for unlikeness, _, column, row in sorted(alike):
        enough = LIKELY if nameless[column] else CLOSE
        if -unlikeness >= enough and column not in pairs and row not in pairs.values():
            pairs[column] = row
    return list(pairs.items())


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    total = len(one) + len(other)
    return 2 * len(one & other) / total if total else 0.0


def _words_of(cell: Cell) -> frozenset[str]:
    return frozenset(_WORDS.findall(sound_source(cell)))


def _one_type(one: Cell, other: Cell) -> bool:
    return bool(one.get("cell_type") == other.get("cell_type"))


def _key(cell: Cell) -> tuple[Any, str]:
    return cell.get("cell_type"), sound_source(cell)
