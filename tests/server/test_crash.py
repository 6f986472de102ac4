"""A server that is killed or stopped while people edit: whatever a second person had seen is there afterwards."""

from __future__ import annotations

import asyncio
import json
import os
import random

import pytest

from .rig import Tab, running, saved_sources, until, write_notebook


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_a_hundred_kills_while_five_people_edit_lose_nothing_that_was_seen(tmp_path):
    asyncio.run(crash_loop(tmp_path, rounds=int(os.environ.get("JUPYTER_RTC_CRASHES", "100"))))


def test_kills_while_five_people_edit_lose_nothing_that_was_seen(tmp_path):
    asyncio.run(crash_loop(tmp_path, rounds=3))


async def crash_loop(tmp_path, rounds):
    seed = int(os.environ.get("JUPYTER_RTC_SEED", random.randrange(10**6)))
    print(f"seed {seed}")  # noqa: T201  pytest shows it where the test fails
    rng = random.Random(seed)
    async with running(tmp_path) as server:
        path = server.root / "a.ipynb"
        write_notebook(path, "one", "two", "three")
        tabs = [await Tab(server, "a.ipynb", "notebook", f"p{number}").open() for number in range(5)]
        for turn in range(rounds):
            writing = asyncio.create_task(edit_until_cut(rng, tabs, turn))
            await asyncio.sleep(rng.random() * 0.5)
            await server.kill()
            await writing
            seen = marks_seen_by_others(tabs)
            for tab in tabs:
                tab.hang_up()
            await server.start()
            fresh = await Tab(server, "a.ipynb", "notebook", "fresh").open()
            after = "\n".join(fresh.sources)
            for mark in seen:
                assert after.count(mark) == 1, f"seed {seed}, round {turn}: {mark} {after.count(mark)} times"
            assert saved_sources(path), f"seed {seed}, round {turn}: the file does not parse"
            for tab in tabs:
                await tab.connect()
                assert tab.close_code is None, f"seed {seed}, round {turn}: {tab.close_code} {tab.close_reason}"
            everyone = [*tabs, fresh]
            await until(lambda everyone=everyone: all(tab.sources == tabs[0].sources for tab in everyone))
            fresh.hang_up()
        await until(lambda: saved_sources(path) == tabs[0].sources)


async def edit_until_cut(rng, tabs, turn):
    number = 0
    while any(tab.peer.connected for tab in tabs):
        for who, tab in enumerate(tabs):
            if tab.peer.connected:
                tab.type_in_cell(rng.randrange(3), f"<{turn}.{who}.{number}>")
        number += 1
        await asyncio.sleep(0.005)


def marks_seen_by_others(tabs):
    """Return the marks of each person that somebody else's document has."""
    texts = ["\n".join(tab.sources) for tab in tabs]
    marks = {mark + ">" for text in texts for mark in text.split(">") if mark.count(".") == 2}
    return {
        mark.strip().split("\n")[-1]
        for mark in marks
        if any(mark in text for who, text in enumerate(texts) if f".{who}." not in mark)
    }


def test_a_server_that_is_asked_to_stop_saves_twenty_documents_first(tmp_path):
    async def story():
        async with running(tmp_path, "--YDocExtension.document_save_delay=30") as server:
            for number in range(20):
                write_notebook(server.root / f"{number}.ipynb", "text")
            tabs = [await Tab(server, f"{number}.ipynb", "notebook", "ana").open() for number in range(20)]
            for number, tab in enumerate(tabs):
                tab.type_in_cell(0, f"late {number} ")
            witness = [await Tab(server, f"{number}.ipynb", "notebook", "bo").open() for number in range(20)]
            await until(lambda: all(one.sources == other.sources for one, other in zip(tabs, witness, strict=True)))
            assert await server.stop() == 0
            for number in range(20):
                assert saved_sources(server.root / f"{number}.ipynb") == [f"late {number} text"]

    asyncio.run(story())


def test_opening_and_closing_a_document_changes_no_byte_of_its_file(tmp_path):
    async def story():
        async with running(tmp_path, "--YDocExtension.document_cleanup_delay=0") as server:
            originals = {}
            for number, indent in enumerate([1, 2, None, 4]):
                path = server.root / f"{number}.ipynb"
                write_notebook(path, "text é", "more")
                path.write_text(json.dumps(json.loads(path.read_text()), indent=indent))
                originals[path] = (path.read_bytes(), path.stat().st_mtime_ns)
            text = server.root / "dos.txt"
            text.write_bytes(b"one\r\ntwo\r\n")
            originals[text] = (text.read_bytes(), text.stat().st_mtime_ns)
            for path in originals:
                kind = "file" if path.suffix == ".txt" else "notebook"
                tab = await Tab(server, path.name, kind, "ana").open()
                assert tab.peer.synced
                tab.hang_up()
            await server.stop()
            for path, (content, mtime) in originals.items():
                assert (path.read_bytes(), path.stat().st_mtime_ns) == (content, mtime), path.name

    asyncio.run(story())
