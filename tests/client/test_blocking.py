"""The client for plain scripts, at a real server."""

import asyncio
import json

import pytest

from jupyter_rtc.client.blocking import IN_THE_MIDDLE, connect
from jupyter_rtc.errors import CellStale, ClientError, RequestFailed, ServerUnreachable
from jupyter_rtc.tables import Schema, Table, register

from ..server.rig import TOKEN, running
from ..server.runs import code_notebook

TODO = Schema([Table("todos", {"text": register(str, "")})], version=1, name="todo")


def script(url):
    with connect(url, token=TOKEN) as rtc:
        nb = rtc.notebook("a.ipynb")
        assert len(nb.cells) == 1 and nb.cells[0].source == "print('one')"
        run = nb.cells[0].run().wait(60)
        assert run.ok and run.text == "one\n"
        cell = nb.cells.append("for n in range(3): print(n)")
        assert [one["text"] for one in cell.run()][-1].endswith("2\n")
        cell.source = "print('changed')"
        with pytest.raises(CellStale):
            cell.set_source("x", expect="0")
        nb.cells.move(cell, before=nb.cells[0])
        assert [one.source for one in nb.cells] == ["print('changed')", "print('one')"]
        assert cell in nb.cells and cell == nb.cells[0] and hash(cell) and "Cell" in repr(cell)
        with nb.editing():
            nb.cells.append("a", "markdown")
            nb.cells.append("b", "markdown")
        nb.until(lambda: len(nb.cells) == 4, 5)
        with pytest.raises(ClientError) as caught:
            nb.until(lambda: nb.save())
        assert str(caught.value) == IN_THE_MIDDLE
        nb.save()
        kernel = rtc.kernels.start("python3")
        rtc.tables.until(lambda: kernel in rtc.tables.kernels, 20)
        assert rtc.tables.kernels[kernel]["name"] == "python3"
        with pytest.raises(RequestFailed):
            rtc.contents.fetch("no such file")
        store = rtc.store("todo", TODO)
        made = store["todos"].create(text="milk")
        made["text"] = "oat milk"
        assert [record["text"] for record in store["todos"]] == ["oat milk"]
        with rtc.folder("") as rows:
            assert "a.ipynb" in rows.ids()


def test_a_script_does_what_a_program_does_and_waits(tmp_path):
    async def story():
        async with running(tmp_path) as server:
            (server.root / "a.ipynb").write_text(json.dumps(code_notebook("print('one')")))
            await asyncio.to_thread(script, server.url(""))
            saved = json.loads((server.root / "a.ipynb").read_text())["cells"]
            assert ["".join(cell["source"]) for cell in saved] == ["print('changed')", "print('one')", "a", "b"]

    asyncio.run(story())


def test_who_cannot_connect_is_told_why():
    with pytest.raises(ServerUnreachable, match="No server answers"), connect("http://127.0.0.1:1", token="x"):
        pass
