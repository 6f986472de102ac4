"""Twenty rooms full of people who type, and next to them whatever can go wrong in another room: they notice nothing."""

from __future__ import annotations

import asyncio
import os
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pycrdt import Array, Doc, Map, Text, create_sync_message

from jupyter_rtc.testing.peer import Peer

from .crowd import crowd
from .plugins.faulty_contents import SWITCH
from .plugins.faulty_words import OBSERVER, ROOM
from .raw import RawSocket
from .rig import Tab, eventually, running, saved_sources, until, write_notebook
from .runs import Runner
from .victim import MB, at, has_participants, listening, room, until_async

PLUGINS = os.pathsep.join([str(Path(__file__).with_name("plugins")), os.environ.get("PYTHONPATH", "")])


# --- one that stops reading -------------------------------------------------------------------------------


def test_those_who_stop_reading_cost_a_bounded_memory_and_nobody_else_anything(tmp_path):
    asyncio.run(stalled(tmp_path, until_closed=False))


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_those_who_stop_reading_for_a_minute_are_closed(tmp_path):
    asyncio.run(stalled(tmp_path, until_closed=True))


async def stalled(tmp_path, until_closed):
    async with running(tmp_path, f"--JupyterRtc.outbox_bytes={2 * MB}") as server, crowd(server) as people:
        mute = [await RawSocket().connect(at(server)) for _ in range(5)]
        for one in mute:
            await one.send(create_sync_message(Doc()))
        author, witness = await listening(server), await listening(server)
        before = server.resident
        for number in range(40):  # 40 MB for each of them, of which the document keeps one
            with author.edit() as doc:
                text = doc.get("text", type=Text)
                text.clear()
                text += f"{number:03}" * (MB // 3)
            await until(lambda number=number: str(witness.doc.get("text", type=Text)).startswith(f"{number:03}"))
        waiting = [one["waiting_bytes"] for one in (await room(server))["participants"]]
        assert max(waiting) <= 2 * MB
        assert server.resident - before < 120 * MB
        await people.check()
        if until_closed:
            await until_async(lambda: has_participants(server, 2), 100)
        else:
            await wakes_up(mute[0], author)
        for one in mute:
            one.close()


async def wakes_up(socket, author):
    """Read at last; whatever was dropped meanwhile, the document is as everybody's."""
    peer = Peer()
    reading = asyncio.create_task(read_all(socket, peer))
    expected = str(author.doc.get("text", type=Text))
    await until(lambda: str(peer.doc.get("text", type=Text)) == expected)
    reading.cancel()


async def read_all(socket, peer):
    while (message := await socket.receive()) is not None:
        peer.receive(message)


# --- one that connects 500 times --------------------------------------------------------------------------


def test_one_that_connects_a_hundred_times_disturbs_nobody(tmp_path):
    asyncio.run(connect_many(tmp_path, 100))


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_one_that_connects_five_hundred_times_disturbs_nobody(tmp_path):
    asyncio.run(connect_many(tmp_path, 500))


async def connect_many(tmp_path, times):
    async with running(tmp_path) as server, crowd(server) as people:
        write_notebook(server.root / "victim.ipynb", "text")
        before = server.resident
        tabs = [Tab(server, "victim.ipynb", "notebook", "many") for _ in range(times)]
        for start in range(0, times, 50):
            await asyncio.gather(*(tab.open() for tab in tabs[start : start + 50]))
        assert {tab.close_code for tab in tabs} == {None}
        await people.check()
        tabs[0].type_in_cell(0, "once ")
        await until(lambda: all(tab.sources == ["once text"] for tab in tabs))
        assert server.resident - before < 150 * MB
        for tab in tabs:
            tab.hang_up()
        await eventually(server, lambda status: all(len(one["participants"]) <= 2 for one in status["rooms"]))
        await people.check()


# --- faults in a room's load, save and observer -----------------------------------------------------------


def test_a_room_that_cannot_be_loaded_or_saved_disturbs_nobody_and_recovers(tmp_path):
    asyncio.run(faults(tmp_path))


async def faults(tmp_path):
    options = ("--ServerApp.contents_manager_class=faulty_contents.FaultyContents",)
    async with running(tmp_path, *options, PYTHONPATH=PLUGINS) as server:
        names = [f"{when}-{how}.ipynb" for when in ("load", "save") for how in ("raises", "lies", "hangs")]
        for name in names:
            write_notebook(server.root / name, "text")
        (server.root / SWITCH).touch()
        async with crowd(server) as people:
            hanging = asyncio.create_task(Tab(server, "load-hangs.ipynb", "notebook", "ana").open())
            for name in ("load-raises.ipynb", "load-lies.ipynb"):
                tab = await Tab(server, name, "notebook", "ana").open()
                assert tab.close_code == 1003 and "errorReason" in tab.close_reason
            write_notebook(server.root / "load-raises-again.ipynb", "text")
            first = await Tab(server, "load-raises-again.ipynb", "notebook", "ana").open()
            again = Tab(server, "load-raises-again.ipynb", "notebook", "ana")
            again.cookie = first.cookie
            await again.open()
            assert again.close_code == 1003, "who opens it anew is told at once, too"
            saving = [await Tab(server, name, "notebook", "ana").open() for name in names if name.startswith("save")]
            for tab in saving:
                tab.type_in_cell(0, "typed ")
            for tab in saving[:2]:
                tab.peer.ask_save(1)
                await until(lambda tab=tab: tab.peer.replies)
            assert saving[0].peer.replies[0]["status"] == "failed"
            await people.check()
            (server.root / SWITCH).unlink()
            for tab in saving[:2]:
                await until(lambda tab=tab: saved_sources(server.root / tab.path) == ["typed text"] and tab.saved)
                assert tab.close_code is None
            for name in ("load-raises.ipynb", "load-lies.ipynb"):
                tab = await Tab(server, name, "notebook", "ana").open()
                assert tab.sources == ["text"]
            hanging.cancel()
            await people.check()


def test_a_room_that_fails_and_one_in_which_an_observer_fails_disturb_nobody(tmp_path):
    asyncio.run(broken_rooms(tmp_path))


async def broken_rooms(tmp_path):
    options = ("--ServerApp.contents_manager_class=faulty_rooms.PlainContents",)
    async with running(tmp_path, *options, PYTHONPATH=PLUGINS) as server, crowd(server) as people:
        for name in ("observed.ipynb", "fails.ipynb"):
            write_notebook(server.root / name, "text")
        watched = [await Tab(server, "observed.ipynb", "notebook", name).open() for name in ("ana", "bo")]
        failing = [await Tab(server, "fails.ipynb", "notebook", name).open() for name in ("ana", "bo")]
        for number in range(5):
            watched[number % 2].type_in_cell(0, f"{number}{OBSERVER} ")
            await until(lambda: watched[0].sources == watched[1].sources)
        await people.check()
        for number in range(3):
            failing[0].type_in_cell(0, f"{number}{ROOM} ")
            await until(lambda: [tab.close_code for tab in failing] == [1011, 1011])
            assert "opens it anew" in failing[0].close_reason
            for tab in failing:
                await tab.connect()
            await until(lambda: failing[0].sources == failing[1].sources)
            await people.check()
        for tab, words in ((watched[0], OBSERVER), (failing[1], ROOM)):
            assert tab.close_code is None and tab.sources[0].count(words) == (5 if words is OBSERVER else 3)
            await until(lambda tab=tab: saved_sources(server.root / tab.path) == tab.sources)
        assert "Traceback" in server.log and server.log.count(OBSERVER) >= 5 and server.log.count(ROOM) >= 3


@asynccontextmanager
async def run_in_a_broken_room(tmp_path):
    """Let a room fail in which two cells run; give a tab that was thrown out, and what lets the first cell go on."""
    options = ("--ServerApp.contents_manager_class=faulty_rooms.PlainContents",)
    async with running(tmp_path, *options, PYTHONPATH=PLUGINS) as server:
        go = server.root / "go"
        waits = f"import os, time\nprint(1)\nwhile not os.path.exists({str(go)!r}): time.sleep(0.05)\nprint(2)"
        ana = await Runner.open_new(server, waits, "print('b')", "text")
        await ana.run(0)
        await ana.run(1)
        await until(lambda: ana.text(0) == "1\n")
        ana.type_in_cell(2, ROOM)
        await until(lambda: ana.close_code == 1011)
        yield ana, go.touch


def test_cells_that_run_in_a_room_that_fails_go_on_though_nobody_opens_it_again(tmp_path):
    async def story():
        async with run_in_a_broken_room(tmp_path) as (ana, go_on):
            go_on()
            await until(lambda: [ana.saved_text(index) for index in (0, 1)] == ["1\n2\n", "b\n"])

    asyncio.run(story())


def test_cells_that_run_in_a_room_that_fails_go_on_and_are_whole_in_the_one_that_is_opened_anew(tmp_path):
    asyncio.run(run_and_open_anew(tmp_path))


async def run_and_open_anew(tmp_path):
    async with run_in_a_broken_room(tmp_path) as (ana, go_on):
        bo = await ana.again()
        assert (bo.status(0), bo.status(1)) == ("running", "queued")
        go_on()
        await bo.ran(0)
        await bo.ran(1)
        assert (bo.text(0), bo.text(1), bo.status(0), bo.status(1)) == ("1\n2\n", "b\n", "ok", "ok")
        await until(lambda: [one["text"] for one in bo.saved(0)["outputs"]] == ["1\n2\n"])


BROKEN = {
    "a number for a cell": lambda cells: cells.append(5),
    "a text for a cell": lambda cells: cells.append("text"),
    "a list for a cell": lambda cells: cells.append(Array([1, 2])),
    "an empty cell": lambda cells: cells.append(Map({})),
    "a cell of no known type": lambda cells: cells.append(Map({"cell_type": 7, "source": Text("x"), "id": "z"})),
    "a cell without text": lambda cells: cells.append(Map({"cell_type": "code", "id": "z"})),
    "a list for a text": lambda cells: cells.append(Map({"cell_type": "code", "id": "z", "source": Array([1])})),
    "a text for outputs": lambda cells: cells.append(
        Map({"cell_type": "code", "id": "z", "source": Text("x"), "outputs": "none", "metadata": 3})
    ),
    "an id that is no text": lambda cells: cells.append(
        Map({"cell_type": "code", "id": Map({"a": 1}), "source": Text("x")})
    ),
}


def test_a_document_that_cannot_be_read_any_more_disturbs_nobody_and_is_saved_once_it_can(tmp_path):
    async def story():
        async with running(tmp_path, "--YDocExtension.document_save_delay=0.1") as server, crowd(server) as people:
            tabs = []
            for number, breaks in enumerate(BROKEN.values()):
                write_notebook(server.root / f"{number}.ipynb", "text")
                tab = await Tab(server, f"{number}.ipynb", "notebook", "ana").open()
                cells = tab.doc.get("cells", type=Array)
                with tab.doc.transaction():
                    breaks(cells)
                tab.type_in_cell(0, "typed ")
                tabs.append(tab)
            for tab in tabs:
                tab.peer.ask_save(1)
            await until(lambda: all(tab.peer.replies for tab in tabs))
            await people.check()
            for name, tab in zip(BROKEN, tabs, strict=True):
                assert tab.close_code is None, name
                del tab.doc.get("cells", type=Array)[1]
            for name, tab in zip(BROKEN, tabs, strict=True):
                await until(lambda tab=tab: saved_sources(server.root / tab.path) == ["typed text"])
                assert tab.close_code is None, name

    asyncio.run(story())


# --- a thousand rooms -------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_opening_and_closing_a_thousand_rooms_leaves_no_growth(tmp_path):
    asyncio.run(open_and_close(tmp_path, int(os.environ.get("JUPYTER_RTC_ROOMS", "1000"))))


async def open_and_close(tmp_path, rooms):
    options = ("--YDocExtension.document_cleanup_delay=0", "--YDocExtension.document_save_delay=0.05")
    async with running(tmp_path, *options) as server:
        for number in range(rooms):
            write_notebook(server.root / f"{number}.ipynb", f"text {number}", "x" * 1000)
        half = None
        for start in range(0, rooms, 20):
            if start >= rooms / 2 and half is None:
                half = await settled(server)
            tabs = [Tab(server, f"{number}.ipynb", "notebook", "ana") for number in range(start, start + 20)]
            await asyncio.gather(*(tab.open() for tab in tabs))
            for tab in tabs:
                assert tab.close_code is None
                tab.type_in_cell(0, "typed ")
            for tab in tabs:
                await until(lambda tab=tab: tab.saved and saved_sources(server.root / tab.path) == tab.sources)
                tab.hang_up()
        end = await settled(server)
        print(f"after half: {half}, at the end: {end}")  # noqa: T201
        assert end["memory"] - half["memory"] < 10 * MB, (half, end)
        assert end["files"] <= half["files"] + 5 and end["threads"] <= half["threads"] + 8, (half, end)


async def settled(server):
    """Return what the process holds when no room is open."""
    await eventually(server, lambda status: status["rooms"] == [], 60)
    return server.holdings
