"""Documents out of the store, when the server cannot start."""

import asyncio
import json

import nbformat
from pycrdt import Doc, Text

from jupyter_rtc.client import connect
from jupyter_rtc.commands.command import main
from jupyter_rtc.ids import file_id_of_path
from jupyter_rtc.store import tables
from jupyter_rtc.store.file import StoreFile
from jupyter_rtc.store.log import Append, Entry
from jupyter_rtc.tables import Schema, Table, register

from ..server.rig import TOKEN, running
from ..server.runs import code_notebook
from .shell import shell

TODO = Schema([Table("todos", {"text": register(str, "")})], version=1, name="todo")


def test_what_a_killed_server_had_is_written_as_files(tmp_path):
    async def story():
        async with running(tmp_path, "--JupyterRtc.max_shared_stream_bytes=20000") as server:
            (server.root / "a.ipynb").write_text(json.dumps(code_notebook("print('x' * 100_000)")))
            (server.root / "a.txt").write_text("line\n")
            async with connect(server.url(""), token=TOKEN) as rtc:
                nb, text = await rtc.notebook("a.ipynb"), await rtc.text("a.txt")
                await (await nb.cells[0].run()).wait(60)
                nb.cells.append("# only in the store", "markdown")
                text.append("only in the store\n")
                (await rtc.store("todo", TODO))["todos"].create({"text": "milk"}, id="m")
                await nb.stored()
                await text.stored()
            await server.kill()
            (store,) = (tmp_path / "data" / "jupyter_rtc").glob("store-*.sqlite")
            await shown(tmp_path, store)

    async def shown(folder, store):
        listed = (await shell("export", "--list", "--store", store)).out
        assert "a.ipynb" in listed and "a.txt" in listed and "app:todo" in listed
        told = await shell("export", "a.ipynb", "--store", store, "-o", folder / "out.ipynb")
        assert told.code == 0, told
        found = nbformat.read(folder / "out.ipynb", as_version=4)
        nbformat.validate(found)
        assert found.cells[1].source == "# only in the store"
        assert found.cells[0].outputs[0].text == "x" * 100_000 + "\n", "what was left aside is put back"
        assert (await shell("export", "a.txt", "--store", store)).out == "line\nonly in the store\n"
        todo = json.loads((await shell("export", "app:todo", "--store", store)).out)
        assert todo["todos"]["m"]["text"] == "milk"
        again = await shell("export", "a.txt", "--store", store, "-o", folder / "out.ipynb")
        assert again.code == 1 and "is there already; nothing was written" in again.err
        missing = await shell("export", "b.txt", "--store", store)
        assert missing.err == "jupyter rtc: The store has no document b.txt; --list shows what it has.\n"

    asyncio.run(story())


def test_what_is_kept_aside_is_written_as_far_as_it_is_sound(tmp_path, capsys):
    path, room = tmp_path / "store.sqlite", "text:file:x"
    doc, made = Doc(), []
    doc.observe(lambda event: made.append(event.update))
    for word in ("one", "two", "three"):
        doc.get("source", type=Text).insert(0, f"{word}\n")
    file = StoreFile.open(path, "normal")
    tables.begin(file.connection, room, "first")
    entries = [Entry(seq, update) for seq, update in enumerate(made, 1)]
    tables.append(file.connection, [Append(room, "first", entries)])
    file.connection.execute("UPDATE entry SET data = x'00' WHERE seq = 3")
    tables.salvage(file.connection, room, "second", 0)
    tables.salvage(file.connection, room, "third", 0)
    file.close()
    before = path.read_bytes()
    assert main(["export", room, "--store", str(path), "--aside", "2"]) == 0
    assert capsys.readouterr().out == "two\none\n"
    assert main(["export", room, "--store", str(path), "--aside", "1"]) == 0
    assert capsys.readouterr().out == ""
    assert main(["export", room, "--store", str(path), "--aside", "3"]) == 1
    assert "keeps no 3 histories of text:file:x aside" in capsys.readouterr().err
    assert path.read_bytes() == before


def test_a_document_that_does_not_say_where_its_file_is_is_listed_and_written_by_its_path(tmp_path, capsys):
    path, room = tmp_path / "store.sqlite", f"text:file:{file_id_of_path('deep/a.txt')}"
    doc = Doc()
    doc.get("source", type=Text).insert(0, "one\n")
    file = StoreFile.open(path, "normal")
    tables.begin(file.connection, room, "first")
    tables.append(file.connection, [Append(room, "first", [Entry(1, doc.get_update())])])
    file.close()
    assert main(["export", "--list", "--store", str(path)]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines() if room in line] == ["deep/a.txt"]
    assert main(["export", "deep/a.txt", "--store", str(path)]) == 0
    assert capsys.readouterr().out == "one\n"
