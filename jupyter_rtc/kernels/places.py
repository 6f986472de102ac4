"""How far those that wait for one kernel are from their turn, as their records show it.

A queue may move hundreds of times a second, and each step changes the place of everybody in it: so it is shown a few
times a second, and only to those at its front. Who joins the queue is told the place by the record itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from itertools import groupby

from ..ids import RoomId
from ..supernode.clock import Clock
from . import records
from .contained import contained
from .queue import RunQueue
from .work import Work

SHOWN = 10
"""For how many of those that wait their place is kept up to date."""
PACE = 0.2
"""Seconds between two times that it is shown."""


class Places:
    """The places in one queue."""

    def __init__(self, queue: RunQueue, works: Mapping[str, Work], clock: Clock) -> None:
        """Show this queue; ``works`` are its runs at work, by their id."""
        self._queue = queue
        self._works = works
        self._clock = clock
        self._moved = asyncio.Event()
        self._never = asyncio.Event()

    def moved(self) -> None:
        """Note that the queue has moved."""
        self._moved.set()

    async def run(self) -> None:
        """Show what has moved, until cancelled."""
        while True:
            await self._clock.wait(self._moved, None)
            self._moved.clear()
            self._show()
            await self._clock.wait(self._never, self._clock.now() + PACE)

    def _show(self) -> None:
        places = list(enumerate(self._queue.waiting[:SHOWN], start=1))
        for room, those in groupby(places, lambda one: one[1].room):
            self._show_in(room, {run.id: place for place, run in those})

    def _show_in(self, room: RoomId, places: dict[str, int]) -> None:
        """Show the places of runs that follow each other and are of one notebook, as one change."""
        first = self._works[next(iter(places))]
        with contained("Places in a queue could not be shown in %s", room), first.editing() as doc:
            for run_id, place in places.items():
                records.write_position(doc, run_id, place)
