"""The files of a folder."""

import asyncio
import json

from jupyter_rtc.client import connect

from ..server.rig import TOKEN, running
from ..server.runs import code_notebook
from .shell import at, shell


def test_a_folder_is_listed_with_who_has_what_open(tmp_path):
    async def story():
        async with running(tmp_path) as server, connect(server.url(""), token=TOKEN) as rtc:
            (server.root / "f").mkdir()
            (server.root / "f" / "a.ipynb").write_text(json.dumps(code_notebook("1")))
            (server.root / "f" / "sub").mkdir()
            await rtc.notebook("f/a.ipynb")
            told = await shell("ls", "f", *at(server))
            names = [line.split()[0] for line in told.out.splitlines()]
            assert told.code == 0 and names == ["name", "sub/", "a.ipynb"]
            assert rtc.user["display_name"] in told.out.splitlines()[2]
            rows = json.loads((await shell("ls", "f", *at(server), "--json")).out)
            assert sorted(rows["contents"]) == ["f/a.ipynb", "f/sub"]
            missing = await shell("ls", "no such", *at(server))
            assert missing.code == 1 and missing.err.startswith("jupyter rtc: ")

    asyncio.run(story())
