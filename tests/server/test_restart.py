"""The restart matrix: whatever happened to the store, the room, the file and the client, nothing is there twice."""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil

import pytest

from .rig import Tab, eventually, running, saved_sources, until, write_notebook

OLDER = "older than the file"
LEFT = "older than the file, and left before the save"
STORES = ("kept", "wiped", "truncated", OLDER, LEFT, "newer than the file")
ROOMS = ("alive", "evicted", "restarted", "killed")
FILES = ("unchanged", "changed")
UNSENT = (0, 1, 50)

ALL = list(itertools.product(STORES, ROOMS, FILES, UNSENT))


def is_possible(store: str, room: str) -> bool:
    """Whether the store can be exchanged: not under a server that runs and holds it."""
    return store in ("kept", "newer than the file") or room in ("restarted", "killed")


EVERY = int(os.environ.get("JUPYTER_RTC_RESTARTS", "1"))
"""Each how manyth case is gone through; a bounded run takes fewer."""

CASES = [case for case in ALL if is_possible(case[0], case[1])]
FEW = [case for case in CASES if case[1:] == ("killed", "changed", 1)]
ROOMS_AND_FILES = list(itertools.product(ROOMS, FILES))


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("room", "file"), ROOMS_AND_FILES)
def test_after_any_restart_nothing_is_doubled_or_lost_or_the_client_must_reload(tmp_path, room, file):
    async def stories():
        at_once = asyncio.Semaphore(3)

        async def one(number, case):
            folder = tmp_path / str(number)
            folder.mkdir()
            async with at_once:
                await story(folder, *case)

        begin = ROOMS_AND_FILES.index((room, file)) % EVERY
        cases = [case for case in CASES if case[1:3] == (room, file)][begin::EVERY]
        async with asyncio.TaskGroup() as group:
            for number, case in enumerate(cases):
                group.create_task(one(number, case))

    asyncio.run(stories())


@pytest.mark.parametrize(("store", "room", "file", "unsent"), FEW)
def test_after_the_telling_restarts_nothing_is_doubled_or_lost(tmp_path, store, room, file, unsent):
    asyncio.run(story(tmp_path, store, room, file, unsent))


async def story(tmp_path, store, room, file, unsent):
    delay = "0" if room == "evicted" else "60"
    late = store == "newer than the file"
    options = [f"--YDocExtension.document_cleanup_delay={delay}"]
    if late or store == LEFT:
        options.append(f"--YDocExtension.document_save_delay={None if late else 3}")
    async with running(tmp_path, *options) as server:
        path = server.root / "a.ipynb"
        write_notebook(path, "first", "second")
        tab = await Tab(server, "a.ipynb", "notebook", "ana").open()
        if store in (OLDER, LEFT):
            await server.stop()
            shutil.copytree(server.data, tmp_path / "backup")
            await server.start()
            await tab.connect()
        tab.type_in_cell(0, "[seen] ")
        if store == LEFT:
            await said_to_the_server(server, tab)
            tab.hang_up()
            assert "[seen] first" not in saved_sources(path)
        if not late:
            await until(lambda: "[seen] first" in saved_sources(path))
        if store != LEFT:
            await until(lambda: late or tab.saved)
            await said_to_the_server(server, tab)
            tab.hang_up()
        await pass_through(server, tmp_path, store, room)
        for number in range(unsent):
            tab.type_in_cell(1, f"[unsent{number}] ")
        if file == "changed":
            change_on_disk(path)
        if room in ("restarted", "killed"):
            await server.start()
        await tab.connect()
        told_to_reload = tab.close_code == 1003
        if told_to_reload:
            assert '"reloadable":true' in tab.close_reason
            tab.peer.close()
        fresh = await Tab(server, "a.ipynb", "notebook", "bo").open()
        if not told_to_reload:
            await until(lambda: fresh.sources == tab.sources)
        if file == "changed":  # a room that was alive sees the change in its own time
            await until(lambda: "from disk" in fresh.sources)
        check(fresh.sources, store, file, 0 if told_to_reload else unsent)
        if told_to_reload:
            assert store in ("wiped", "truncated", OLDER, LEFT)
        if not late:
            await until(lambda: saved_sources(path) == fresh.sources)


async def said_to_the_server(server, tab):
    """Wait until a second person sees it: from then on it must not be lost."""
    witness = await Tab(server, "a.ipynb", "notebook", "witness").open()
    await until(lambda: witness.sources == tab.sources)
    witness.hang_up()


async def pass_through(server, tmp_path, store, room):
    if room == "evicted":
        await eventually(server, lambda status: not status["rooms"])
    if room == "restarted":
        assert await server.stop() == 0
    if room == "killed":
        await server.kill()
    files = list((server.data / "jupyter_rtc").glob("*.sqlite*"))
    if store == "wiped":
        for one in files:
            one.unlink()
    if store == "truncated":
        for one in files:
            one.write_bytes(one.read_bytes()[: one.stat().st_size // 2])
    if store in (OLDER, LEFT):
        shutil.rmtree(server.data)
        shutil.copytree(tmp_path / "backup", server.data)


def change_on_disk(path):
    sources = saved_sources(path)
    write_notebook(path, sources[0], *sources[1:], "from disk")


def check(sources, store, file, unsent):
    everything = "\n".join(sources)
    for word in ("first", "second"):
        assert everything.count(word) == 1, sources
    lost_with_the_store = store in ("wiped", "truncated", OLDER, LEFT)
    assert everything.count("[seen]") == 1 or (lost_with_the_store and everything.count("[seen]") == 0), sources
    assert everything.count("from disk") == (1 if file == "changed" else 0), sources
    for number in range(unsent):
        assert everything.count(f"[unsent{number}]") == 1, sources
    assert len(sources) == (3 if file == "changed" else 2)
