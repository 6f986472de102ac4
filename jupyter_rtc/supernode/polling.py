"""When to look at a file that nothing says anything about. Pure: time is an input.

An open file that nobody touches is looked at less and less often; one that changes, often again.
"""

from __future__ import annotations


class Polling:
    """The times at which one file is looked at without a reason."""

    def __init__(self, interval: float | None, longest: float, *, watched: bool) -> None:
        """Poll every ``interval`` seconds at first, at most every ``longest``; None: never.

        ``watched``: something else tells of changes, so that polling is only a second net.
        """
        self._first = None if interval is None else longest if watched else interval
        self._longest = longest
        self._interval = self._first
        self.due: float | None = None
        """When to look next."""

    def looked(self, now: float, *, changed: bool) -> None:
        """Note that the file was looked at, and whether it was as before."""
        if self._interval is None or self._first is None:
            self.due = None
            return
        self._interval = self._first if changed else min(self._interval * 2, self._longest)
        self.due = now + self._interval
