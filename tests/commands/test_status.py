"""What a server has open."""

import asyncio
import json

from jupyter_rtc.client import connect
from jupyter_rtc.commands.status import shown

from ..server.rig import TOKEN, running
from ..server.runs import code_notebook
from .shell import at, shell


def test_open_documents_are_listed_with_who_looks_at_them(tmp_path):
    async def story():
        async with running(tmp_path) as server, connect(server.url(""), token=TOKEN) as rtc:
            (server.root / "a.ipynb").write_text(json.dumps(code_notebook("1")))
            await rtc.notebook("a.ipynb")
            told = await shell("status", *at(server))
            assert told.code == 0 and "store: file\n" in told.out
            (line,) = [line for line in told.out.splitlines() if line.startswith("a.ipynb")]
            assert line.split()[1:4] == ["fine", rtc.user["username"], "yes"]
            everything = json.loads((await shell("status", *at(server), "--json")).out)
            assert everything["rooms"] and everything["store"]["kind"] == "file"
            refused = await shell("status", "--url", server.url(""), "--token", "wrong")
            assert refused.code == 1 and refused.err.startswith("jupyter rtc: ") and "token" in refused.err

    asyncio.run(story())


def test_what_is_wrong_with_a_document_s_history_is_shown_in_words():
    log = {"rows": 1, "bytes": 10, "snapshot_bytes": 0, "unstored": 3, "in_memory": False}
    rooms = [
        {"room": name, "phase": "ready", "keeper": None, "participants": [], "log": {**log, "words": words}}
        for name, words in (("app:fine", ""), ("app:harmed", "The disk is full."))
    ]
    text = shown({"store": {"kind": "file", "words": None}, "kernels": {}, "rooms": rooms})
    assert text.count("The disk is full.") == 1 and "app:harmed: The disk is full.\n" in text
