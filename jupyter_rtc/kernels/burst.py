"""Runs that one person asks for in the same moment, over several connections: *Run All* in JupyterLab. Pure.

JupyterLab sends a request for each cell, all at once and over up to six connections, so they come in any order, and
some a good while later than others. Each carries the time, in milliseconds, at which the page made it. Requests of one
person for one notebook and kernel that were made within a blink of each other are one burst: one batch, in the order
in which they were made, and where that is the same, in that of the cells.

The first waits a moment for the others. It decides nothing about what is run.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import uuid4

from ..ids import RoomId

BLINK = 50.0
"""Milliseconds between two requests that nobody makes by hand."""
REMEMBERED = 60.0
"""Seconds for which a burst is known, at least; at most twice as long."""
WINDOW = 0.03
"""Seconds that the first request of a burst waits for the others, at least."""
WINDOW_MAX = 0.3
ROUND_TRIPS = 2.0
"""How many round trips to the browser it waits: others may still have to open their connection."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for what: requests of one burst have the same."""

    username: str
    room: RoomId
    kernel_id: str


@dataclass(slots=True)
class Burst:
    """Some requests that belong together."""

    first: float
    last: float
    """The times at which the page made the first and the last of them, in its milliseconds."""
    seen_at: float
    """When the last of them came, in our seconds."""
    began_at: float
    """When the first of them came: all of them count as asked for then, since the page did it in one moment."""
    id: str = field(default_factory=lambda: uuid4().hex)
    """The batch that they are."""

    def takes(self, made_at: float) -> bool:
        """Whether a request that was made then belongs to it."""
        return self.first - BLINK <= made_at <= self.last + BLINK

    def take(self, made_at: float, now: float) -> None:
        """Count a request in."""
        self.first, self.last = min(self.first, made_at), max(self.last, made_at)
        self.seen_at = now


class Bursts:
    """The bursts of the last moments."""

    def __init__(self) -> None:
        """Begin with none."""
        self._known: dict[Asked, list[Burst]] = {}
        self._look_again_at = 0.0

    def join(self, asked: Asked, made_at: float, now: float) -> tuple[Burst, bool]:
        """Return the burst that a request belongs to, and whether it is its first."""
        self._forget(now)
        known = self._known.setdefault(asked, [])
        for burst in known:
            if burst.takes(made_at):
                burst.take(made_at, now)
                return burst, False
        burst = Burst(made_at, made_at, now, now)
        known.append(burst)
        return burst, True

    def _forget(self, now: float) -> None:
        """Forget what is long ago; not looked at for each request, since there may be many who ask."""
        if now < self._look_again_at:
            return
        self._look_again_at = now + REMEMBERED
        kept = {asked: [one for one in known if now - one.seen_at < REMEMBERED] for asked, known in self._known.items()}
        self._known = {asked: known for asked, known in kept.items() if known}


def window(round_trip: float) -> float:
    """Return how long the first request waits for the others, given how long the browser took to answer; seconds."""
    return min(max(WINDOW, ROUND_TRIPS * round_trip), WINDOW_MAX)
