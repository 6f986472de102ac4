"""The order of runs on one kernel. Pure: it decides what runs next and what is given up, and does neither.

* First come, first served, across documents and users; the runs of a batch stay together. A run that joins a batch
  which is still waiting or running takes its place in it: behind the batch's last run, or where it says.
* An error gives up what the same person asked for after it in the same document, as Jupyter does with what is
  queued when a cell fails, and touches nobody else's. The batch is over: what joins it later does not run either.
* A restart begins a new generation: nothing that was asked for before it ever runs.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from .run import Run

REMEMBERED = 100
"""How many batches are known to be over."""


class RunQueue:
    """What waits for one kernel, and what it runs now."""

    def __init__(self) -> None:
        """Begin empty."""
        self.generation = 0
        self.current: Run | None = None
        self._waiting: list[Run] = []
        self._over: OrderedDict[str, None] = OrderedDict()

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self._waiting)

    @property
    def waiting(self) -> tuple[Run, ...]:
        """What waits, in order."""
        return tuple(self._waiting)

    @property
    def going_on(self) -> tuple[Run, ...]:
        """What runs now, and then what waits."""
        return (*([self.current] if self.current else ()), *self._waiting)

    @property
    def busy(self) -> bool:
        """Whether anything runs or waits."""
        return self.current is not None or bool(self._waiting)

    def add(self, runs: list[Run]) -> None:
        """Take the runs of one batch, in their order."""
        for run in runs:
            run.queue(self.generation)
        if not runs:
            return
        first = runs[0]
        if first.batch == first.id:  # it is the batch's first run, so that none of it is there
            self._waiting += runs
        elif first.place is None:
            at = self._end_of(first.batch)
            self._waiting[at:at] = runs
        else:
            for run in runs:
                self._waiting.insert(self._place_of(run), run)

    def begin(self) -> Run | None:
        """Return what is to run now, if nothing runs and anything waits."""
        if self.current is not None or not self._waiting:
            return None
        self.current = self._waiting.pop(0)
        return self.current

    def end(self) -> Run:
        """Note that what ran has ended; return it."""
        if self.current is None:
            raise ValueError("Nothing runs.")
        run, self.current = self.current, None
        return run

    def give_up_after(self, failed: Run) -> list[Run]:
        """Take out and return what an error of this run stops."""
        self._note_over(failed.batch)
        return self._take(lambda run: _asked_together(run, failed))

    def is_over(self, batch: str) -> bool:
        """Whether an error, an interrupt or a restart has ended this batch."""
        return batch in self._over

    def give_up(self, wanted: Callable[[Run], bool]) -> list[Run]:
        """Take out and return the waiting runs that are wanted so."""
        return self._take(wanted)

    def restart(self) -> list[Run]:
        """Begin a new generation; return all that waited. What runs now is still ``current``."""
        self.generation += 1
        for run in self.going_on:
            self._note_over(run.batch)
        return self._take(lambda _: True)

    def _take(self, wanted: Callable[[Run], bool]) -> list[Run]:
        taken = [run for run in self._waiting if wanted(run)]
        self._waiting = [run for run in self._waiting if not wanted(run)]
        return taken

    def _note_over(self, batch: str) -> None:
        self._over[batch] = None
        while len(self._over) > REMEMBERED:
            self._over.popitem(last=False)

    def _place_of(self, run: Run) -> int:
        """Return the place that a run takes in its batch; looked for from the end, where it mostly is."""
        first_behind = None
        for at in range(len(self._waiting) - 1, -1, -1):
            other = self._waiting[at]
            if other.batch == run.batch:
                if not _is_behind(other, run):
                    return at + 1
                first_behind = at
        return self._end_of(run.batch) if first_behind is None else first_behind

    def _end_of(self, batch: str) -> int:
        """Return the place behind the batch's last run."""
        places = [at for at, run in enumerate(self._waiting) if run.batch == batch]
        if places:
            return places[-1] + 1
        return 0 if self.current is not None and self.current.batch == batch else len(self._waiting)


def _is_behind(one: Run, other: Run) -> bool:
    return one.place is not None and other.place is not None and one.place > other.place


def _asked_together(run: Run, failed: Run) -> bool:
    return run.batch == failed.batch or (run.username, run.room) == (failed.username, failed.room)
