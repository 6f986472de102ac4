"""The order of runs on one kernel. Pure: it decides what runs next and what is given up, and does neither.

* First come, first served, across documents and users; the runs of a batch stay together. A run that joins a batch
  which is still waiting or running takes its place behind the batch's last run.
* An error gives up what the same person asked for after it in the same document, as Jupyter does with what is
  queued when a cell fails, and touches nobody else's.
* A restart begins a new generation: nothing that was asked for before it ever runs.
"""

from __future__ import annotations

from collections.abc import Callable

from .run import Run


class RunQueue:
    """What waits for one kernel, and what it runs now."""

    def __init__(self) -> None:
        """Begin empty."""
        self.generation = 0
        self.current: Run | None = None
        self._waiting: list[Run] = []

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self._waiting)

    @property
    def waiting(self) -> tuple[Run, ...]:
        """What waits, in order."""
        return tuple(self._waiting)

    @property
    def busy(self) -> bool:
        """Whether anything runs or waits."""
        return self.current is not None or bool(self._waiting)

    def add(self, runs: list[Run]) -> None:
        """Take the runs of one batch, in their order."""
        for run in runs:
            run.queue(self.generation)
        if runs:
            at = self._end_of(runs[0].batch)
            self._waiting[at:at] = runs

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
        return self._take(lambda run: _asked_together(run, failed))

    def give_up(self, wanted: Callable[[Run], bool]) -> list[Run]:
        """Take out and return the waiting runs that are wanted so."""
        return self._take(wanted)

    def restart(self) -> list[Run]:
        """Begin a new generation; return all that waited. What runs now is still ``current``."""
        self.generation += 1
        return self._take(lambda _: True)

    def _take(self, wanted: Callable[[Run], bool]) -> list[Run]:
        taken = [run for run in self._waiting if wanted(run)]
        self._waiting = [run for run in self._waiting if not wanted(run)]
        return taken

    def _end_of(self, batch: str) -> int:
        """Return the place behind the batch's last run."""
        places = [at for at, run in enumerate(self._waiting) if run.batch == batch]
        if places:
            return places[-1] + 1
        return 0 if self.current is not None and self.current.batch == batch else len(self._waiting)


def _asked_together(run: Run, failed: Run) -> bool:
    return run.batch == failed.batch or (run.username, run.room) == (failed.username, failed.room)
