"""What is remembered of runs, bounded by number and by bytes: one for each server. Pure.

A run that goes on is remembered whole. When it has ended its outputs stay, so that what comes late finds its place, a
later run can update its displays, and who asks for it gets them: as long as nothing newer needs the room. What is over
the bound is forgotten, of the kernel that holds most, the one first that was heard of longest ago. Of a run whose cell
was run again, or whose kernel is gone, only how it went stays: nothing can come of it any more.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from ..ids import RoomId
from .work import Work

RUNS = 1000
"""How many runs that ended can be asked for by their id."""
BYTES = 64 * 2**20
"""How large they may be together, by what their outputs have; the newest run stays, however large."""


class Remembered:
    """The runs of all kernels of one server."""

    def __init__(self) -> None:
        """Begin with none."""
        self._going_on: dict[str, Work] = {}
        self._ended: OrderedDict[str, Work] = OrderedDict()
        self._sizes: dict[str, OrderedDict[str, int]] = {}
        """For each kernel, how large each of its runs is that ended."""
        self._held: dict[str, int] = {}
        """For each kernel, how large they are together."""

    def __contains__(self, run_id: object) -> bool:
        """Whether there is a run with this id."""
        return run_id in self._going_on or run_id in self._ended

    def find(self, run_id: str) -> Work | None:
        """Return a run by its id."""
        return self._going_on.get(run_id) or self._ended.get(run_id)

    def going_on_in(self, room: RoomId) -> list[Work]:
        """Return the runs of one notebook that have not ended."""
        return [work for work in self._going_on.values() if work.run.room == room]

    def add(self, works: Iterable[Work]) -> None:
        """Take runs that were asked for."""
        self._going_on.update({work.run.id: work for work in works})

    def end(self, work: Work) -> None:
        """Note that a run has ended, and forget what is too much now."""
        if self._going_on.pop(work.run.id, None) is not None:
            self._ended[work.run.id] = work
            if work.superseded:
                work.let_go()
            self._weigh(work)
            self._bound(work)

    def heard_late(self, work: Work) -> None:
        """Note that outputs of a run that ended have come into its document."""
        if work.run.id in self._ended:
            self._ended.move_to_end(work.run.id)
            self._weigh(work)
            self._bound(work)

    def let_go(self, work: Work) -> None:
        """Keep no outputs of a run any more, once it has ended."""
        if work.run.id in self._ended:
            work.let_go()
            self._weigh(work)

    def let_go_of_all(self, kernel_id: str) -> None:
        """Keep no outputs of this kernel's runs any more."""
        for run_id in list(self._sizes.get(kernel_id, ())):
            self.let_go(self._ended[run_id])

    def _weigh(self, work: Work) -> None:
        kernel_id = work.run.kernel_id
        sizes = self._sizes.setdefault(kernel_id, OrderedDict())
        size = work.size
        self._held[kernel_id] = self._held.get(kernel_id, 0) - sizes.pop(work.run.id, 0) + size
        sizes[work.run.id] = size

    def _bound(self, newest: Work) -> None:
        while len(self._ended) > RUNS:
            self._forget(next(iter(self._ended)))
        while sum(self._held.values()) > BYTES:
            largest = max(self._held, key=self._held.__getitem__)
            oldest = next(iter(self._sizes[largest]))
            if oldest == newest.run.id:
                return
            self._forget(oldest)

    def _forget(self, run_id: str) -> None:
        work = self._ended.pop(run_id)
        kernel_id = work.run.kernel_id
        self._held[kernel_id] -= self._sizes[kernel_id].pop(run_id)
        if not self._sizes[kernel_id]:
            del self._sizes[kernel_id], self._held[kernel_id]
        work.let_go()
