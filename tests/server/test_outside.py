"""An editor outside writes a file that people have open: both go on for long, and no character is lost."""

from __future__ import annotations

import asyncio
import json
import os
import random
import re

import pytest

from .rig import Tab, running, saved_sources, until, write_notebook

SAVING_OFTEN = ("--YDocExtension.document_save_delay=0.1", "--JupyterRtc.document_save_delay_max=0.2")
MARK = re.compile(r"<\w\.\d+>")


class NotebookEditor:
    """Somebody outside who adds a line to one cell and to another, whatever else the file has by then."""

    kind, name = "notebook", "a.ipynb"

    def begin(self, path):
        write_notebook(path, "first", "second\n\nend", "third")

    def edit(self, text, mark):
        notebook = json.loads(text)
        sources = ["".join(cell["source"]) for cell in notebook["cells"]]
        sources[1] += f"\n{mark}"
        sources[2] += mark
        for cell, source in zip(notebook["cells"], sources, strict=True):
            cell["source"] = source.splitlines(keepends=True)
        return json.dumps(notebook, indent=1, sort_keys=True) + "\n"

    def is_whole(self, text):
        return text.endswith("}\n")

    def type(self, tab, rng, mark):
        tab.type_in_cell(rng.randrange(2), mark)

    def shown(self, tab):
        return "".join(tab.sources)

    def saved(self, path):
        return "".join(saved_sources(path))

    times = {"live": 1, "disk": 2}


class TextEditor:
    """Somebody outside who adds lines near the end of a text file whose first line a person types into."""

    kind, name = "file", "a.txt"

    def begin(self, path):
        path.write_text("first\n\nend\n")

    def edit(self, text, mark):
        return text.removesuffix("end\n") + mark + "\nend\n"

    def is_whole(self, text):
        return text.endswith("end\n")

    def type(self, tab, rng, mark):
        tab.type(mark, at=0)

    def shown(self, tab):
        return tab.text

    def saved(self, path):
        return path.read_text()

    times = {"live": 1, "disk": 1}


@pytest.mark.parametrize("editor", [NotebookEditor(), TextEditor()], ids=["notebook", "text"])
def test_alternating_saves_of_an_editor_outside_and_a_person_who_types_lose_no_character(tmp_path, editor):
    asyncio.run(alternate(tmp_path, editor, rounds=8))


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("editor", [NotebookEditor(), TextEditor()], ids=["notebook", "text"])
def test_a_hundred_alternating_saves_lose_no_character(tmp_path, editor):
    asyncio.run(alternate(tmp_path, editor, rounds=int(os.environ.get("JUPYTER_RTC_SAVES", "100"))))


async def alternate(tmp_path, editor, rounds):
    seed = int(os.environ.get("JUPYTER_RTC_SEED", random.randrange(10**6)))
    print(f"seed {seed}")  # noqa: T201  pytest shows it where the test fails
    rng = random.Random(seed)
    async with running(tmp_path, *SAVING_OFTEN) as server:
        path = server.root / editor.name
        editor.begin(path)
        tab = await Tab(server, path.name, editor.kind, "ana").open()
        witness = await Tab(server, path.name, editor.kind, "bo").open()
        typed = []
        typing = asyncio.create_task(type_on(editor, tab, rng, typed))
        for number in range(rounds):
            found = await read_next_save(editor, path)
            write(path, editor.edit(found, f"<d.{number}>"), atomically=number % 2)
            await until(lambda number=number: f"<d.{number}>" in editor.shown(tab))
        typing.cancel()
        await until(lambda: tab.saved and editor.saved(path) == editor.shown(tab) == editor.shown(witness))
        expected = dict.fromkeys(typed, editor.times["live"])
        expected |= {f"<d.{number}>": editor.times["disk"] for number in range(rounds)}
        assert counted(editor.shown(tab)) == expected
        assert tab.close_code is None and not tab.peer.replies


async def read_next_save(editor, path):
    """Wait until the server has saved; return all of what it saved, which Jupyter writes in place."""
    before = found = path.read_text()
    while found == before or not editor.is_whole(found):
        await asyncio.sleep(0.005)
        found = path.read_text()
    return found


async def type_on(editor, tab, rng, typed):
    """Type until cancelled, with the pauses of a person who types."""
    while True:
        mark = f"<c.{len(typed)}>"
        typed.append(mark)
        editor.type(tab, rng, mark)
        await asyncio.sleep(rng.random() * 0.1)


def write(path, text, atomically):
    """Write as half of the editors do, and as the other half does."""
    if not atomically:
        path.write_text(text)
        return
    beside = path.with_name(f".{path.name}.swap")
    beside.write_text(text)
    beside.replace(path)


def counted(text):
    found = MARK.findall(text)
    return {mark: found.count(mark) for mark in found}
