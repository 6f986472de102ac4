"""What a document says now."""

import asyncio
import json

from jupyter_rtc.client import connect

from ..server.rig import TOKEN, running
from ..server.runs import code_notebook
from .shell import at, shell


def test_a_document_is_printed_with_what_is_not_saved(tmp_path):
    async def story():
        async with running(tmp_path) as server, connect(server.url(""), token=TOKEN) as rtc:
            (server.root / "a.ipynb").write_text(json.dumps(code_notebook("print('one')")))
            (server.root / "a.txt").write_text("line\n")
            nb, text = await rtc.notebook("a.ipynb"), await rtc.text("a.txt")
            await (await nb.cells[0].run())
            nb.cells.append("# unsaved", "markdown")
            text.append("unsaved\n")
            await nb.applied()
            await text.applied()
            told = await shell("cat", "a.ipynb", *at(server))
            assert told.out == "[1]\nprint('one')\n    one\n\n(markdown)\n# unsaved\n"
            whole = json.loads((await shell("cat", "a.ipynb", "--json", *at(server))).out)
            assert [cell["source"] for cell in whole["cells"]] == ["print('one')", "# unsaved"]
            assert (await shell("cat", "a.txt", *at(server))).out == "line\nunsaved\n"
            missing = await shell("cat", "no.ipynb", *at(server))
            assert (missing.code, missing.err) == (
                1,
                "jupyter rtc: There is no file no.ipynb on the server; create it first.\n",
            )

    asyncio.run(story())
