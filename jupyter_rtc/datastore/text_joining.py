"""Three versions of one text become one. Pure.

What only one side changed is as that side has it; what both changed alike is there once. Places are compared by
lines, and where both changed the same lines, by words. Where both put something in the same place and one has
all words of the other, and more, that is what both wrote. Of lines in which both changed the same words, or inserted
at the same place, both versions remain, the document's own first; lines that these versions share are there once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .diff import WORDY, Edit, changes, edits, words


def join_texts(base: str, live: str, disk: str) -> tuple[str, bool]:
    """Return ``live`` with the changes from ``base`` to ``disk``, and whether both changed the same words."""
    if disk in (base, live):
        return live, False
    if live == base:
        return disk, False
    text, conflict = _join_lines(*(_ended_lines(text) for text in (base, live, disk)))
    return text.removesuffix("\n"), conflict


@dataclass(slots=True)
class _Region:
    """A part of the base that at least one side changed, with all edits that meet there."""

    start: int
    end: int
    live: list[Edit] = field(default_factory=list)
    disk: list[Edit] = field(default_factory=list)

    def meets(self, other: _Region) -> bool:
        """Whether a region that begins here or later has a part of this one, or inserts at the same place."""
        return other.start < self.end or (self.start == self.end == other.start == other.end)

    def take(self, other: _Region) -> None:
        """Make the other region a part of this one."""
        self.end = max(self.end, other.end)
        self.live += other.live
        self.disk += other.disk

    def versions(self, base: Sequence[str]) -> tuple[str, str, str]:
        """Return what stands here in the base, in the live text and on disk."""
        was, live, disk = (_applied(base, self, side) for side in ([], self.live, self.disk))
        return was, live, disk


def _join_lines(base: list[str], live: list[str], disk: list[str]) -> tuple[str, bool]:
    out: list[str] = []
    at, conflict = 0, False
    for region in _regions(base, live, disk):
        versions = region.versions(base)
        text, clash = (_agreed(*versions), False) if not _clashes(*versions) else _join_words(*versions)
        out += [*base[at : region.start], text]
        conflict |= clash
        at = region.end
    return "".join(out + base[at:]), conflict


def _join_words(was: str, live: str, disk: str) -> tuple[str, bool]:
    """Join some lines that both sides changed; where the same words were changed, both versions of their lines stay."""
    if len(was) + len(live) + len(disk) > WORDY:
        return _both(live, disk), True
    base = words(was)
    regions = _regions(base, words(live), words(disk))
    clashing = [_whole_lines(base, region) for region in regions if _clashes(*region.versions(base))]
    out: list[str] = []
    at = 0
    for region in _grouped([*clashing, *(region for region in regions if not _clashes(*region.versions(base)))]):
        versions = region.versions(base)
        out += [*base[at : region.start], _both(*versions[1:]) if _clashes(*versions) else _agreed(*versions)]
        at = region.end
    return "".join(out + base[at:]), bool(clashing)


def _regions(base: list[str], live: list[str], disk: list[str]) -> list[_Region]:
    """Return the parts of the base that were changed, grouped so that no two of them meet."""
    mine = [_Region(edit.start, edit.end, live=[edit]) for edit in edits(base, live)]
    theirs = [_Region(edit.start, edit.end, disk=[edit]) for edit in edits(base, disk)]
    return _grouped([*mine, *theirs])


def _grouped(regions: Iterable[_Region]) -> list[_Region]:
    groups: list[_Region] = []
    for region in sorted(regions, key=lambda one: (one.start, one.end)):
        if groups and groups[-1].meets(region):
            groups[-1].take(region)
        else:
            groups.append(region)
    return groups


def _whole_lines(base: Sequence[str], region: _Region) -> _Region:
    """Return the region, as far as the beginning of its first line and the end of its last."""
    start, end = region.start, region.end
    while start and base[start - 1] != "\n":
        start -= 1
    while end < len(base) and (end == start or base[end - 1] != "\n"):
        end += 1
    return _Region(start, end, region.live, region.disk)


def _applied(base: Sequence[str], region: _Region, side: Sequence[Edit]) -> str:
    """Return the text of a region after one side's edits."""
    out: list[str] = []
    at = region.start
    for edit in sorted(side, key=lambda one: one.start):
        out += [*base[at : edit.start], *edit.new]
        at = edit.end
    return "".join([*out, *base[at : region.end]])


def _clashes(was: str, live: str, disk: str) -> bool:
    return live != disk and was not in (live, disk) and _fuller(was, live, disk) is None


def _agreed(was: str, live: str, disk: str) -> str:
    if live == disk or was in (live, disk):
        return disk if live == was else live
    return _fuller(was, live, disk) or live


def _fuller(was: str, live: str, disk: str) -> str | None:
    """Return the version that has all words of the other in their order, if neither kept any that was there before.

    So it is where somebody writes into the file what they saw in the document, and others type on meanwhile.
    """
    if len(was) + len(live) + len(disk) > WORDY:
        return None
    before, mine, theirs = set(words(was)), words(live), words(disk)
    if not mine or not theirs or before & {*mine, *theirs}:
        return None
    less, more, text = (theirs, mine, live) if len(theirs) <= len(mine) else (mine, theirs, disk)
    rest = iter(more)
    return text if all(word in rest for word in less) else None


def _both(live: str, disk: str) -> str:
    """Return the lines of both, in the order of each, with those that they share once."""
    mine, theirs = live.splitlines(keepends=True), disk.splitlines(keepends=True)
    out: list[str] = []
    at = 0
    for change in changes(mine, theirs):
        out += mine[at : change.end]
        out += theirs[change.new_start : change.new_end]
        at = change.end
    return "".join(out + mine[at:])


def _ended_lines(text: str) -> list[str]:
    """Return the lines of a text, the last with an end too: a line is not another one because it is the last."""
    return f"{text}\n".splitlines(keepends=True) if text else []
