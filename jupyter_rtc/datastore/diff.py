"""Differences between sequences, and what three versions of one become when two of them changed. Pure.

Texts are compared by lines first, and within lines that both sides changed by words; that keeps the cost near
linear for large texts, and a cursor in an untouched line where it is. Where both changed the same words in
different ways, both lines remain, the document's own first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

MAX_WORDS = 4000
"""Above this many words in one changed region, its lines are compared as wholes: words cost quadratic time."""

_WORDS = re.compile(r"\w+|[^\w\s]|\s")


@dataclass(frozen=True, slots=True)
class Edit:
    """``base[start:end]`` becomes ``new``."""

    start: int
    end: int
    new: tuple[str, ...]


def edits(old: Sequence[str], new: Sequence[str]) -> list[Edit]:
    """Return the edits, ascending and apart from each other, that make ``new`` of ``old``."""
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    a, b = old[head : len(old) - tail], new[head : len(new) - tail]
    codes = SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    return [Edit(head + i1, head + i2, tuple(b[j1:j2])) for tag, i1, i2, j1, j2 in codes if tag != "equal"]


def text_edits(old: str, new: str) -> list[tuple[int, int, str]]:
    """Return small edits ``(start, end, text)`` in code points of ``old``, to be made in this order.

    They are descending, so that one does not move the place of the next.
    """
    lines = old.splitlines(keepends=True)
    starts = _starts(lines)
    found: list[tuple[int, int, str]] = []
    for edit in edits(lines, new.splitlines(keepends=True)):
        at = starts[edit.start]
        was, becomes = "".join(lines[edit.start : edit.end]), "".join(edit.new)
        found += [(at + start, at + end, text) for start, end, text in _word_edits(was, becomes)]
    return found[::-1]


def join_texts(base: str, live: str, disk: str) -> tuple[str, bool]:
    """Return ``live`` with the changes from ``base`` to ``disk``, and whether both changed the same words."""
    if disk in (base, live):
        return live, False
    if live == base:
        return disk, False
    return _join(base, live, disk, by_lines=True)


def _join(base: str, live: str, disk: str, *, by_lines: bool) -> tuple[str, bool]:
    split = _lines if by_lines else _words
    b, mine, theirs = split(base), split(live), split(disk)
    out: list[str] = []
    at, conflict = 0, False
    for region in _regions(edits(b, mine), edits(b, theirs)):
        out += b[at : region.start]
        text, clash = region.resolve(b, by_lines=by_lines)
        out.append(text)
        conflict |= clash
        at = region.end
    return "".join(out + list(b[at:])), conflict


@dataclass(slots=True)
class _Region:
    """A part of the base that at least one side changed, with all edits that touch each other."""

    start: int
    end: int
    mine: list[Edit]
    theirs: list[Edit]

    def resolve(self, base: Sequence[str], *, by_lines: bool) -> tuple[str, bool]:
        """Return the text that stands here afterwards, and whether both sides wanted different things."""
        was = "".join(base[self.start : self.end])
        live, disk = self._version(base, self.mine), self._version(base, self.theirs)
        if disk in (was, live):
            return live, False
        if live == was:
            return disk, False
        if by_lines and _is_small(was, live, disk):
            text, clash = _join(was, live, disk, by_lines=False)
            return (_both(live, disk), True) if clash else (text, False)
        return _both(live, disk), True

    def _version(self, base: Sequence[str], side: list[Edit]) -> str:
        out: list[str] = []
        at = self.start
        for edit in side:
            out += [*base[at : edit.start], *edit.new]
            at = edit.end
        return "".join([*out, *base[at : self.end]])


def _regions(mine: list[Edit], theirs: list[Edit]) -> list[_Region]:
    """Group the edits of both sides so that no two groups touch."""
    marked = [(edit.start, edit.end, edit, True) for edit in mine]
    marked += [(edit.start, edit.end, edit, False) for edit in theirs]
    regions: list[_Region] = []
    for start, end, edit, is_mine in sorted(marked, key=lambda one: (one[0], one[1])):
        if not regions or not _touches(regions[-1], start, end, is_mine=is_mine):
            regions.append(_Region(start, end, [], []))
        region = regions[-1]
        region.end = max(region.end, end)
        (region.mine if is_mine else region.theirs).append(edit)
    return regions


def _touches(region: _Region, start: int, end: int, *, is_mine: bool) -> bool:
    """Whether an edit belongs to a region: they overlap, or the other side inserted at the very place."""
    if start < region.end:
        return True
    other = region.theirs if is_mine else region.mine
    return start == region.end and bool(other) and (start == end or region.start == region.end)


def _both(live: str, disk: str) -> str:
    """Return both texts, each on lines of its own."""
    apart = "" if not live or live.endswith("\n") or not disk else "\n"
    return live + apart + disk


def _word_edits(was: str, becomes: str) -> list[tuple[int, int, str]]:
    words, new = _words(was), _words(becomes)
    if not was or not becomes or len(words) + len(new) > MAX_WORDS:
        return [(0, len(was), becomes)]
    starts = _starts(words)
    return [(starts[e.start], starts[e.end], "".join(e.new)) for e in edits(words, new)]


def _is_small(*texts: str) -> bool:
    return sum(len(text) for text in texts) < 4 * MAX_WORDS


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _words(text: str) -> list[str]:
    return _WORDS.findall(text)


def _starts(parts: Sequence[str]) -> list[int]:
    """Return where each part begins, and where the last one ends."""
    starts = [0]
    for part in parts:
        starts.append(starts[-1] + len(part))
    return starts


def _common(a: Sequence[str], b: Sequence[str]) -> int:
    count = 0
    for one, other in zip(a, b, strict=False):
        if one != other:
            break
        count += 1
    return count
