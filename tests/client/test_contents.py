"""Files and folders, at a real server."""

import asyncio
import json

import pytest

from jupyter_rtc.client import connect
from jupyter_rtc.errors import RequestFailed

from ..server.rig import TOKEN, running

NOTEBOOK = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}


def test_a_program_makes_moves_copies_and_deletes_files_and_looks_at_folders(tmp_path):
    async def story():
        async with running(tmp_path) as server, connect(server.url(""), token=TOKEN) as rtc:
            made = await rtc.contents.create()
            assert made == "Untitled.ipynb"
            await rtc.contents.make_folder("f")
            await rtc.contents.rename(made, "f/a.ipynb")
            assert await rtc.contents.copy("f/a.ipynb", "f/b.ipynb") == "f/b.ipynb"
            await rtc.contents.save("f/c.ipynb", NOTEBOOK, type="notebook")
            async with rtc.folder("f") as rows:
                assert sorted(rows.ids()) == ["f/a.ipynb", "f/b.ipynb", "f/c.ipynb"]
                await rtc.contents.save("f/words.txt", "one")
                await rtc.tables.until(lambda: "f/words.txt" in rows.ids(), 10)
                (server.root / "f" / "outside.txt").write_text("x")
                await rtc.tables.until(lambda: "f/outside.txt" in rows.ids(), 10)
                await rtc.contents.delete("f/b.ipynb")
                await rtc.tables.until(lambda: "f/b.ipynb" not in rows.ids(), 10)
            await rtc.tables.until(lambda: len(rtc.tables.folders) == 0, 10)
            checkpoint = await rtc.contents.checkpoint("f/words.txt")
            await rtc.contents.save("f/words.txt", "two")
            await rtc.contents.restore("f/words.txt", checkpoint)
            assert (await rtc.contents.fetch("f/words.txt"))["content"] == "one"
            await rtc.contents.save("f/bytes", "AAE=", format="base64")
            assert (server.root / "f" / "bytes").read_bytes() == b"\0\1"
            assert json.loads((server.root / "f" / "c.ipynb").read_text())["cells"] == []
            with pytest.raises(RequestFailed, match="There is no file or folder 'no' on this server"):
                await rtc.contents.fetch("no", content=False)

    asyncio.run(story())


def test_an_open_notebook_follows_a_rename_and_an_open_text_an_outside_change(tmp_path):
    async def story():
        async with running(tmp_path) as server, connect(server.url(""), token=TOKEN) as rtc:
            await rtc.contents.save("a.txt", "one\n")
            text = await rtc.text("a.txt")
            await rtc.contents.rename("a.txt", "b.txt")
            await text.until(lambda: text.path == "b.txt", 10)
            text.append("two\n")
            await text.save()
            assert (server.root / "b.txt").read_text() == "one\ntwo\n"
            await rtc.contents.save("b.txt", "zero\none\ntwo\n")
            await text.until(lambda: text.source == "zero\none\ntwo\n", 10)

    asyncio.run(story())
