"""Very much output: the room, the store and the client stay bounded, and the file has all of it."""

from __future__ import annotations

import asyncio

import pytest

from jupyter_rtc.datastore.values import joined

from .rig import running, until
from .runs import Runner

LINES, PICTURE = 100_000, 20_000_000
CODE = (
    f"for n in range({LINES}): print(n, 'y' * 50)\n"
    f"display({{'text/plain': 'picture', 'image/png': 'A' * {PICTURE}}}, raw=True)"
)


@pytest.mark.slow
def test_a_hundred_thousand_lines_and_a_picture_of_twenty_megabytes(tmp_path):
    async def story():
        async with running(tmp_path) as server:
            ana = await Runner.open_new(server, CODE)
            before = server.resident
            await ana.run(0)
            await ana.ran(0, 120)
            assert len(ana.doc.get_update()) < 4 * 2**20, "what a client holds is bounded"

            def complete():
                outputs = ana.saved(0)["outputs"]
                if len(outputs) != 2:
                    return False
                lines = joined(outputs[0]["text"]).splitlines()
                return [line.split()[0] for line in lines] == [str(n) for n in range(LINES)] and (
                    len(joined(outputs[1]["data"]["image/png"])) == PICTURE
                )

            await until(complete, 60)
            log = sum(path.stat().st_size for path in server.data.rglob("store-*.sqlite*"))
            assert log < 40 * 2**20, "so is the store, beside the outputs that were left aside"
            assert server.resident - before < 400 * 2**20

    asyncio.run(story())
