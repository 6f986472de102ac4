"""The restart matrix: whatever happened to the store, the room, the file and the client, nothing is there twice.

The store can be exchanged under a server that runs, too: by a cleaning job, or by a backup that is put back. The server
goes on with the file that it has open, so nothing is lost then; the next start finds what lies there.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import shutil

import pytest

from .rig import Tab, eventually, running, saved_sources, until, write_notebook

OLDER = "older than the file"
LEFT = "older than the file, and left before the save"
STORES = ("kept", "wiped", "truncated", OLDER, LEFT, "newer than the file")
ROOMS = ("alive", "evicted", "restarted", "killed")
FILES = ("unchanged", "changed")
UNSENT = (0, 1, 50)

LIVING = ("alive", "evicted")
"""Rooms whose server runs on while the store is exchanged."""
EXCHANGED = ("wiped", "truncated", OLDER, LEFT)

ALL = list(itertools.product(STORES, ROOMS, FILES, UNSENT))
FEW = [case for case in ALL if case[1:] == ("killed", "changed", 1)]
ROOMS_AND_FILES = list(itertools.product(ROOMS, FILES))
SEED = int(os.environ.get("JUPYTER_RTC_SEED", random.randrange(10**6)))


def pairs(case):
    """Return all pairs of values of two factors that a case has."""
    return set(itertools.combinations(enumerate(case), 2))


def pairwise(rng):
    """Return a few cases, other ones for each seed, that together have every pair of values that any case has."""
    open_pairs = set().union(*map(pairs, ALL))
    chosen = []
    while open_pairs:
        best = max(rng.sample(ALL, len(ALL)), key=lambda case: len(pairs(case) & open_pairs))
        chosen.append(best)
        open_pairs -= pairs(best)
    return chosen


CASES = pairwise(random.Random(SEED)) if os.environ.get("JUPYTER_RTC_RESTARTS") == "pairs" else ALL
"""What is gone through: all, or a bounded run's few."""


@pytest.mark.parametrize("seed", range(20))
def test_a_bounded_run_has_every_pair_of_values_in_a_few_cases(seed):
    chosen = pairwise(random.Random(seed))
    assert set().union(*map(pairs, chosen)) == set().union(*map(pairs, ALL))
    assert 24 <= len(chosen) <= 30


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

        print(f"seed {SEED}")  # noqa: T201  pytest shows it where the test fails
        cases = [case for case in CASES if case[1:3] == (room, file)]
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
        told_to_reload = await come_back(tab)
        fresh = await Tab(server, "a.ipynb", "notebook", "bo").open()
        if not told_to_reload:
            await until(lambda: fresh.sources == tab.sources)
        if file == "changed":  # a room that was alive sees the change in its own time
            await until(lambda: "from disk" in fresh.sources)
        may_lose = store in EXCHANGED and room not in LIVING
        assert may_lose or not told_to_reload
        check(fresh.sources, file, 0 if told_to_reload else unsent, may_lose)
        if not late:
            await until(lambda: saved_sources(path) == fresh.sources)
        if store in EXCHANGED and room in LIVING:
            await next_start(server, tab, fresh, file, unsent)


async def come_back(tab):
    """Dial as a laptop that wakes up; return whether its person is asked to reload."""
    await tab.connect()
    told_to_reload = tab.close_code is not None
    if told_to_reload:
        assert tab.close_code == 1003 and '"reloadable":true' in tab.close_reason
        tab.peer.close()
    return told_to_reload


async def next_start(server, tab, fresh, file, unsent):
    """Find what lies in the place of the store: all had been saved, so there is nothing to lose, and nothing twice."""
    before = fresh.sources
    for one in (tab, fresh):
        one.hang_up()
    await (server.kill() if unsent else server.stop())
    await server.start()
    told_to_reload = await come_back(tab)
    third = await Tab(server, "a.ipynb", "notebook", "cy").open()
    assert third.sources == before and (told_to_reload or tab.sources == before)
    check(third.sources, file, unsent, may_lose=False)


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
    if store == "truncated":
        for one in files:
            os.truncate(one, one.stat().st_size // 2)
    if store == "wiped" or (store in (OLDER, LEFT) and room in LIVING):
        for one in files:
            one.unlink()
    if store in (OLDER, LEFT) and room in LIVING:
        shutil.copytree(tmp_path / "backup" / "jupyter_rtc", server.data / "jupyter_rtc", dirs_exist_ok=True)
    elif store in (OLDER, LEFT):
        shutil.rmtree(server.data)
        shutil.copytree(tmp_path / "backup", server.data)


def change_on_disk(path):
    sources = saved_sources(path)
    write_notebook(path, sources[0], *sources[1:], "from disk")


def check(sources, file, unsent, may_lose):
    """Demand that all is there once; what was only seen may be missing if it can have been lost with the store."""
    everything = "\n".join(sources)
    for word in ("first", "second"):
        assert everything.count(word) == 1, sources
    assert everything.count("[seen]") == 1 or (may_lose and everything.count("[seen]") == 0), sources
    assert everything.count("from disk") == (1 if file == "changed" else 0), sources
    for number in range(unsent):
        assert everything.count(f"[unsent{number}]") == 1, sources
    assert len(sources) == (3 if file == "changed" else 2)
