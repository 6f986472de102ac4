"""What changes, while it does."""

import asyncio
import json

from jupyter_rtc.client import connect

from ..server.rig import TOKEN, running
from ..server.runs import code_notebook
from .shell import at, ended, start


async def read_until(process, words):
    seen = b""
    async with asyncio.timeout(60):
        while words.encode() not in seen:
            seen += await process.stdout.readline()
    return seen.decode()


def test_changes_and_people_are_shown_as_they_come(tmp_path):
    async def story():
        async with running(tmp_path) as server:
            (server.root / "a.ipynb").write_text(json.dumps(code_notebook("1")))
            process = await start("watch", "a.ipynb", *at(server))
            await read_until(process, "here: ")
            async with connect(server.url(""), token=TOKEN) as rtc:
                nb = await rtc.notebook("a.ipynb")
                nb.say(user={"name": "Robot", "username": "robot"})
                nb.cells.append("print('new')")
                assert "cells " in await read_until(process, " created")
                nb.cells[0].source = "2"
                await read_until(process, 'source="2"')
                process.terminate()
                await ended(process)
                kernels = await start("watch", "--changes", "1", *at(server))
                await kernels.stderr.readline()
                await rtc.kernels.start("python3")
                told = await ended(kernels)
                assert told.code == 0 and told.out.count("\n") == 1

    asyncio.run(story())
