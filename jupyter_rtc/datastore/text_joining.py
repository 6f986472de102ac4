"""Three versions of one text become one. Pure.

What only one side changed is as that side has it; what both changed alike is there once. Places are compared by
lines, and where both changed the same lines, by words. Where both changed the same words, or inserted at the same
place, all lines of both sides remain, the document's own first, each that they share once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .diff import WORDY, Edit, changes, edits, words


def join_texts(base: str, live: str, disk: str) -> tuple[str, bool]:
    """Return ``live`` with the changes from ``base`` to ``disk``, and whether both changed the same words."""
    if disk in (base, live):
        return live, False
    if live == base:
        return disk, False
    ended = [f"{text}\n".splitlines(keepends=True) for text in (base, live, disk)]
    lines, conflict = _join(*ended, by_lines=True)
    return "".join(lines).removesuffix("\n"), conflict


@dataclass(slots=True)
class _Region:
    """A part of the base that at least one side changed, with all edits that meet there."""

    start: int
    end: int
    live: list[Edit] = field(default_factory=list)
    disk: list[Edit] = field(default_factory=list)

    def meets(self, edit: Edit) -> bool:
        """Whether an edit that begins here or later changes the same, or inserts at the same place."""
        return edit.start < self.end or (self.start == self.end == edit.start == edit.end)

    def resolve(self, base: Sequence[str], *, by_lines: bool) -> tuple[list[str], bool]:
        """Return what stands here afterwards, and whether both sides wanted different things."""
        was = list(base[self.start : self.end])
        live, disk = self._version(base, self.live), self._version(base, self.disk)
        if disk in (was, live):
            return live, False
        if live == was:
            return disk, False
        if by_lines and sum(map(len, [*was, *live, *disk])) <= WORDY:
            parts, conflict = _join(*(words("".join(one)) for one in (was, live, disk)), by_lines=False)
            if not conflict:
                return parts, False
        return _all_of_both(live, disk), True

    def _version(self, base: Sequence[str], side: list[Edit]) -> list[str]:
        out: list[str] = []
        at = self.start
        for edit in side:
            out += [*base[at : edit.start], *edit.new]
            at = edit.end
        return [*out, *base[at : self.end]]


def _join(base: list[str], live: list[str], disk: list[str], *, by_lines: bool) -> tuple[list[str], bool]:
    out: list[str] = []
    at, conflict = 0, False
    for region in _regions(edits(base, live), edits(base, disk)):
        out += base[at : region.start]
        parts, clash = region.resolve(base, by_lines=by_lines)
        out += parts
        conflict |= clash
        at = region.end
    return out + base[at:], conflict


def _regions(live: list[Edit], disk: list[Edit]) -> list[_Region]:
    """Group the edits of both sides so that no two groups meet."""
    regions: list[_Region] = []
    sided = [(edit, True) for edit in live] + [(edit, False) for edit in disk]
    for edit, is_live in sorted(sided, key=lambda one: (one[0].start, one[0].end)):
        if not regions or not regions[-1].meets(edit):
            regions.append(_Region(edit.start, edit.end))
        region = regions[-1]
        region.end = max(region.end, edit.end)
        (region.live if is_live else region.disk).append(edit)
    return regions


def _all_of_both(live: list[str], disk: list[str]) -> list[str]:
    """Return the lines of both, in the order of each, with those that they share once."""
    out: list[str] = []
    at = 0
    for change in changes(live, disk):
        out += live[at : change.end]
        out += disk[change.new_start : change.new_end]
        at = change.end
    return out + live[at:]
