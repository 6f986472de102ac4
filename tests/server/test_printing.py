"""Cells that print all the time, and people who type in other rooms: what they feel, against a calm while."""

from __future__ import annotations

import asyncio
import os
import statistics

import pytest

from jupyter_rtc.datastore.values import joined

from .crowd import crowd
from .rig import running, until
from .runs import Runner
from .victim import MB

ROOMS = 5
SECONDS = float(os.environ.get("JUPYTER_RTC_PRINTING", "5"))
"""How long each phase lasts: calm, and with a cell that prints every 50 ms."""
LINES = int(os.environ.get("JUPYTER_RTC_LINES", "100000"))
"""How many lines the other cell prints as quickly as it can."""
BEAT = "import time\nn = 0\nwhile True:\n    print(n, 'x' * 50, flush=True)\n    n += 1\n    time.sleep(0.05)"
FLOOD = f"for n in range({LINES}): print(n, 'y' * 50)"


@pytest.mark.slow
@pytest.mark.timeout(120 + 3 * SECONDS + LINES / 1000)
def test_a_printing_loop_and_a_hundred_thousand_lines_cost_other_rooms_nothing_that_they_feel(tmp_path):
    async def story():
        async with running(tmp_path) as server, crowd(server, ROOMS) as people:
            beat = await Runner.open_new(server, BEAT, path="beat.ipynb")
            flood = await Runner.open_new(server, FLOOD, path="flood.ipynb", name="bo")
            for one in (beat, flood):
                await one.run_code("'the kernel is there'")
            before = server.resident
            calm = await people.felt_during(asyncio.sleep(SECONDS))
            await beat.run(0)
            beating = await people.felt_during(asyncio.sleep(SECONDS))
            flooded = await people.felt_during(prints_all(flood))
            print({name: shown(one) for name, one in (("calm", calm), ("beating", beating), ("flooded", flooded))})  # noqa: T201
            assert statistics.median(beating) < 2 * statistics.median(calm) + 0.02
            assert late(beating) < 3 * late(calm) + 0.1
            assert statistics.median(flooded) < 3 * statistics.median(calm) + 0.05
            assert late(flooded) < 3 * late(calm) + 0.5
            await beat.act("interrupt")
            await beat.ran(0)
            numbers = [int(line.split()[0]) for line in beat.text(0).splitlines()]
            assert numbers == list(range(len(numbers))) and len(numbers) > SECONDS / 0.1
            await bounded(server, before, beat, flood)

    asyncio.run(story())


async def prints_all(flood):
    await flood.run(0)
    await flood.ran(0, 60 + LINES / 1000)


async def bounded(server, before, *tabs):
    """Check what the room, the store and each client hold, and that the files have all of it."""
    for tab in tabs:
        assert len(tab.doc.get_update()) < 4 * MB
    beat, flood = tabs
    await until(lambda: text_in_file(beat) == beat.text(0))
    await until(lambda: numbers_in_file(flood) == [str(n) for n in range(LINES)])
    for room in (await server.status())["rooms"]:
        assert room["log"]["bytes"] + room["log"]["snapshot_bytes"] < 16 * MB, room
        assert all(one["waiting_bytes"] < 8 * MB for one in room["participants"]), room
    assert sum(path.stat().st_size for path in server.data.rglob("store-*.sqlite*")) < 40 * MB
    assert server.resident - before < 200 * MB


def text_in_file(tab):
    return "".join(joined(one["text"]) for one in tab.saved(0)["outputs"] if one["output_type"] == "stream")


def numbers_in_file(tab):
    return [line.split()[0] for line in text_in_file(tab).splitlines()]


def late(latencies):
    """Return what one in twenty waits for at least."""
    return statistics.quantiles(latencies, n=20)[-1]


def shown(latencies):
    return f"{len(latencies)} keys, median {statistics.median(latencies):.3f} s, one in twenty {late(latencies):.3f} s"
