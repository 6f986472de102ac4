"""People in many rooms who type to each other all the time, and notice whatever disturbs them.

How long a word takes from one to the other depends on the machine, and on what else it does. So the measure is taken
in the same run, of the same people, before anything happens (*calm*). What happens then is done by this process too,
which also plays all the people, so it slows their words by itself (five hundred connections make a fiftieth of a second
a whole one, on two cores): hence ``FACTOR`` and ``SLACK``. What they are to find is a room that stands still while the
server is busy with another, or waits for it: that takes seconds, and it is asked of each room.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager

from .rig import Server, Tab, saved_sources, until, write_notebook

CALM = 12
"""Words that each types before anything happens."""

FACTOR, SLACK = 10, 2.0
"""How many times longer than in the calm, and how many seconds more, 19 of 20 words of each room may take at most."""


def p95(latencies: list[float]) -> float:
    """Return what 19 of 20 stay below."""
    return sorted(latencies)[int(0.95 * (len(latencies) - 1))]


class Pair:
    """Two people in one room; the one types, the other sees it."""

    def __init__(self, server: Server, number: int) -> None:
        self.path = f"pair {number}.ipynb"
        write_notebook(server.root / self.path, f"text {number}")
        self._server = server
        self.tabs = [Tab(server, self.path, "notebook", who) for who in ("ana", "bo")]
        self.latencies: list[float] = []

    async def type_on(self) -> None:
        writer, witness = self.tabs
        while True:
            mark = f"<{len(self.latencies)}>"
            begun = time.monotonic()
            writer.type_in_cell(0, mark)
            await until(lambda mark=mark: witness.sources[0].startswith(mark))
            self.latencies.append(time.monotonic() - begun)
            await asyncio.sleep(0.05)

    async def check(self, bound: float) -> None:
        """Check that nothing happened to them, and that words came within so many seconds."""
        disturbed = self.latencies[CALM:]
        assert p95(disturbed) < bound, (self.path, p95(disturbed), bound)
        assert [tab.close_code for tab in self.tabs] == [None, None], self.path
        first, second = self.tabs
        await until(lambda: first.sources == second.sources == saved_sources(self._server.root / self.path))
        for number in range(len(self.latencies)):
            assert first.sources[0].count(f"<{number}>") == 1, (self.path, number)


class Crowd:
    """All pairs."""

    def __init__(self, server: Server, pairs: int) -> None:
        self._server = server
        self._pairs = [Pair(server, number) for number in range(pairs)]
        self._calm = 0.0

    async def meet(self) -> None:
        await asyncio.gather(*(tab.open() for pair in self._pairs for tab in pair.tabs))

    async def be_calm(self) -> None:
        """Type while nothing happens; from then on it counts."""
        await until(lambda: all(len(pair.latencies) >= CALM for pair in self._pairs))
        self._calm = p95([one for pair in self._pairs for one in pair.latencies[:CALM]])

    def work(self) -> list[asyncio.Task[None]]:
        return [asyncio.create_task(pair.type_on()) for pair in self._pairs]

    async def check(self) -> None:
        """Check that everybody goes on as ever: nobody was cut off, and what was typed is there, at once and once."""
        counts = [len(pair.latencies) for pair in self._pairs]
        await until(
            lambda: all(len(pair.latencies) > count + 1 for pair, count in zip(self._pairs, counts, strict=True))
        )

    async def felt_during(self, what: Awaitable[object]) -> list[float]:
        """Do something; return how long it took, meanwhile, until what the one typed was there for the other."""
        counts = [len(pair.latencies) for pair in self._pairs]
        await what
        await self.check()
        return [one for pair, count in zip(self._pairs, counts, strict=True) for one in pair.latencies[count:-1]]

    async def end(self) -> None:
        for pair in self._pairs:
            await pair.check(FACTOR * self._calm + SLACK)


@asynccontextmanager
async def crowd(server: Server, pairs: int = 20) -> AsyncIterator[Crowd]:
    """Have that many rooms full of people; whatever is done meanwhile must not disturb them."""
    people = Crowd(server, pairs)
    await people.meet()
    working = people.work()
    try:
        await people.be_calm()
        yield people
        await people.check()
    finally:
        for one in working:
            one.cancel()
        ended = await asyncio.gather(*working, return_exceptions=True)
    assert [one for one in ended if not isinstance(one, asyncio.CancelledError)] == []
    await people.end()
