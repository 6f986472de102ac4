"""Differences between two sequences, and between two texts. Pure.

Texts are compared by lines, and within changed lines by words and characters, so that an edit is small and a cursor
in untouched text stays where it is. No edit begins or ends within what a reader sees as one character. The cost is
near linear: long sequences are first split where an element is unique in both, or equally frequent (patience diff);
what cannot be split that way and is long is replaced as a whole.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

SMALL = 10_000
"""Up to this many pairs of elements, sequences are compared pair by pair."""

LARGE = 1_000_000
"""Above this many pairs, what has no unique elements is not compared at all."""

WORDY = 16_000
"""Up to this many characters, lines that changed are compared by words."""

MAX_EDITS = 1_000
"""More edits than this in one text are made as fewer, larger ones: each costs up to 0.5 ms in a large text."""

_WORDS = re.compile(r"\w+|[^\w\s]|\s")
_JOINER = "\u200d"
_FLAG_LETTERS = "".join(map(chr, range(0x1F1E6, 0x1F200)))
"""Two of them are one flag."""


@dataclass(frozen=True, slots=True)
class Edit:
    """``old[start:end]`` becomes ``new``."""

    start: int
    end: int
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """``old[start:end]`` becomes ``new[new_start:new_end]``."""

    start: int
    end: int
    new_start: int
    new_end: int


def changes(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[Change]:
    """Return the changes, ascending and apart from each other, that make ``new`` of ``old``."""
    found: list[Change] = []
    for change in _blocks(old, new, Change(0, len(old), 0, len(new))):
        last = found[-1] if found else None
        if last and last.end == change.start and last.new_end == change.new_start:
            found[-1] = Change(last.start, change.end, last.new_start, change.new_end)
        else:
            found.append(change)
    return found


def edits(old: Sequence[str], new: Sequence[str]) -> list[Edit]:
    """Return the edits, ascending and apart from each other, that make ``new`` of ``old``."""
    return [Edit(c.start, c.end, tuple(new[c.new_start : c.new_end])) for c in changes(old, new)]


def text_edits(old: str, new: str) -> list[tuple[int, int, str]]:
    """Return small edits ``(start, end, text)`` in code points of ``old``, to be made in this order.

    They are descending, so that one does not move the place of the next.
    """
    lines, becomes = old.splitlines(keepends=True), new.splitlines(keepends=True)
    by_lines = [(start, end, text) for start, end, text in _placed(lines, edits(lines, becomes))]
    by_words = [edit for start, end, text in by_lines for edit in _within(old, start, end, text)]
    for found in (by_words, by_lines):
        if len(found) <= MAX_EDITS:
            return found[::-1]
    start, end = by_lines[0][0], by_lines[-1][1]
    return [(start, end, new[start : len(new) - (len(old) - end)])]


def words(text: str) -> list[str]:
    """Return the words, signs and blanks of a text; together they are the text."""
    found: list[str] = _WORDS.findall(text)
    if text.isascii():
        return found
    out: list[str] = []
    for word in found:
        if out and _belong(out[-1], word):
            out[-1] += word
        else:
            out.append(word)
    return out


def longest_rise(numbers: Sequence[int]) -> list[int]:
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


def _blocks(old: Sequence[Hashable], new: Sequence[Hashable], block: Change) -> Iterator[Change]:
    block = _trimmed(old, new, block)
    rows, columns = block.end - block.start, block.new_end - block.new_start
    if not rows or not columns:
        if rows or columns:
            yield block
    elif rows * columns <= SMALL:
        yield from _compared(old, new, block, popular=True)
    elif anchors := _anchors(old, new, block):
        start, new_start = block.start, block.new_start
        for at, new_at in anchors:
            yield from _blocks(old, new, Change(start, at, new_start, new_at))
            start, new_start = at + 1, new_at + 1
        yield from _blocks(old, new, Change(start, block.end, new_start, block.new_end))
    elif rows * columns <= LARGE:
        yield from _compared(old, new, block, popular=False)
    else:
        yield block


def _trimmed(old: Sequence[Hashable], new: Sequence[Hashable], block: Change) -> Change:
    """Return the block without what its ends have in common."""
    start, end, new_start, new_end = block.start, block.end, block.new_start, block.new_end
    while start < end and new_start < new_end and old[start] == new[new_start]:
        start, new_start = start + 1, new_start + 1
    while start < end and new_start < new_end and old[end - 1] == new[new_end - 1]:
        end, new_end = end - 1, new_end - 1
    return Change(start, end, new_start, new_end)


def _anchors(old: Sequence[Hashable], new: Sequence[Hashable], block: Change) -> list[tuple[int, int]]:
    """Return pairs of places, ascending on both sides, where what stands there surely corresponds.

    That is an element that is unique on both sides; if there is none, one that is there equally often, in its order.
    """
    rows, columns = range(block.start, block.end), range(block.new_start, block.new_end)
    times, new_times = Counter(old[at] for at in rows), Counter(new[at] for at in columns)
    even = {one for one, count in times.items() if new_times[one] == count}
    sure = {one for one in even if times[one] == 1} or even
    where: dict[Hashable, list[int]] = {one: [] for one in sure}
    for at in reversed(columns):
        if new[at] in sure:
            where[new[at]].append(at)
    pairs = [(at, where[old[at]].pop()) for at in rows if old[at] in sure]
    return [pairs[index] for index in longest_rise([new_at for _, new_at in pairs])]


def _compared(old: Sequence[Hashable], new: Sequence[Hashable], block: Change, *, popular: bool) -> Iterator[Change]:
    """Compare element by element; without ``popular``, elements that are everywhere do not count as alike."""
    rows, columns = old[block.start : block.end], new[block.new_start : block.new_end]
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, rows, columns, autojunk=not popular).get_opcodes():
        if tag != "equal":
            yield Change(block.start + i1, block.start + i2, block.new_start + j1, block.new_start + j2)


def _placed(parts: Sequence[str], found: Sequence[Edit], offset: int = 0) -> Iterator[tuple[int, int, str]]:
    """Return edits of parts of a text as edits in its code points."""
    starts = [offset]
    for part in parts:
        starts.append(starts[-1] + len(part))
    for edit in found:
        yield starts[edit.start], starts[edit.end], "".join(edit.new)


def _within(old: str, start: int, end: int, new: str) -> Iterator[tuple[int, int, str]]:
    """Return smaller edits that do the same as ``old[start:end]`` becoming ``new``."""
    if end - start + len(new) > WORDY:
        yield _shortened(old, start, end, new)
        return
    was, becomes = words(old[start:end]), words(new)
    for first, last, text in _placed(was, edits(was, becomes), start):
        yield _shortened(old, first, last, text)


def _shortened(old: str, start: int, end: int, new: str) -> tuple[int, int, str]:
    """Return the edit without the characters that its ends have in common with what they replace."""
    head, most = 0, min(end - start, len(new))
    while head < most and old[start + head] == new[head]:
        head += 1
    tail, most = 0, most - head
    while tail < most and old[end - 1 - tail] == new[-1 - tail]:
        tail += 1
    if not new.isascii() or not old[start:end].isascii():
        head, tail = _whole_characters(old[start:end], new, head, tail)
    return start + head, end - tail, new[head : len(new) - tail]


def _whole_characters(old: str, new: str, head: int, tail: int) -> tuple[int, int]:
    """Return how much both ends have in common, counted in what a reader sees as characters."""
    while head and any(_belong(text[:head], text[head : head + 1]) for text in (old, new)):
        head -= 1
    while tail and any(_belong(text[: len(text) - tail], text[len(text) - tail :]) for text in (old, new)):
        tail -= 1
    return head, tail


def _belong(before: str, after: str) -> bool:
    """Whether the first character after belongs to the last one before (after UAX 29, without Hangul)."""
    if not before or not after or after[0].isascii():
        return False
    first, last = after[0], before[-1]
    if _JOINER in (first, last) or unicodedata.category(first).startswith("M"):
        return True
    if "\U0001f3fb" <= first <= "\U0001f3ff":
        return True
    return first in _FLAG_LETTERS and (len(before) - len(before.rstrip(_FLAG_LETTERS))) % 2 == 1
