"""What holds of ids, noted by run: consecutive ids of a client of which the same holds take the space of one."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import Generic, TypeVar

from .items import ItemId

T = TypeVar("T")

Run = tuple[int, int, int, T]
"""The client, its first clock, the clock after its last, and what holds of these."""

_begin = itemgetter(1)


class Runs(Generic[T]):
    """What holds of some ids; it does not change."""

    def __init__(self, runs: Iterable[Run[T]] = ()) -> None:
        """Note these runs, which may touch but not overlap, in any order."""
        given: defaultdict[int, list[Run[T]]] = defaultdict(list)
        for run in runs:
            given[run[0]].append(run)
        self._of = {client: _joined(theirs) for client, theirs in given.items()}

    def __len__(self) -> int:
        """Return the number of runs."""
        return sum(map(len, self._of.values()))

    def __iter__(self) -> Iterator[Run[T]]:
        """Return all runs."""
        for theirs in self._of.values():
            yield from theirs

    def __contains__(self, what: ItemId) -> bool:
        """Whether anything was noted of this id."""
        return self._run(what) is not None

    def get(self, what: ItemId) -> T | None:
        """Return what holds of this id; None if nothing was noted of it."""
        run = self._run(what)
        return run[3] if run else None

    def _run(self, what: ItemId) -> Run[T] | None:
        client, clock = what
        theirs = self._of.get(client)
        if theirs is None or clock >= theirs[-1][2]:
            return None  # most ids that are asked for are new
        at = bisect_right(theirs, clock, key=_begin)
        return theirs[at - 1] if at and clock < theirs[at - 1][2] else None


def _joined(runs: list[Run[T]]) -> list[Run[T]]:
    """Return one client's runs in order, with one instead of those that touch and say the same."""
    runs.sort(key=_begin)
    joined = list[Run[T]]()
    client, first, last, held = runs[0]
    for _, begin, end, value in runs:
        if begin > last or value != held:
            joined.append((client, first, last, held))
            first, held = begin, value
        last = end
    joined.append((client, first, last, held))
    return joined
