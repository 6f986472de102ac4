"""Twenty rooms full of people who type, and next to them whatever can go wrong in another room: they notice nothing."""

from __future__ import annotations

import asyncio
import os
import random
from pathlib import Path

import pytest
from pycrdt import Array, Doc, Map, Text, create_sync_message
from tornado.websocket import WebSocketClosedError, websocket_connect

from jupyter_rtc.protocol.codec import encode_number
from jupyter_rtc.testing.peer import Peer

from .crowd import crowd
from .plugins.faulty_contents import SWITCH
from .raw import RawSocket
from .rig import TOKEN, Tab, eventually, running, saved_sources, until, write_notebook

MB = 2**20
PLUGINS = os.pathsep.join([str(Path(__file__).with_name("plugins")), os.environ.get("PYTHONPATH", "")])


def at(server, room="rooms/victim"):
    return server.url(f"api/rtc/{room}?token={TOKEN}", "ws")


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


async def has_participants(server, count):
    return len((await room(server))["participants"]) == count


async def room(server, name="app:victim"):
    return next(one for one in (await server.status())["rooms"] if one["room"] == name)


async def until_async(condition, seconds=30):
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.1)


async def listening(server):
    """Return a peer in the room of the victim, whose link is read."""
    socket, peer = await websocket_connect(at(server), max_message_size=2**30), Peer()
    peer.socket = socket
    peer.reading = asyncio.create_task(read_link(socket, peer))
    peer.connect(lambda data: socket.write_message(data, binary=True))
    await until(lambda: peer.synced)
    return peer


async def read_link(socket, peer):
    while (message := await socket.read_message()) is not None:
        peer.receive(message)
    peer.disconnect()


# --- one that sends rubbish -------------------------------------------------------------------------------


def framed(update, kind=2):
    """Return the message for an update: SyncStep1, SyncStep2 or Update, by its number."""
    return bytes([0, kind]) + encode_number(len(update)) + update


def nested(levels, level=b"\x75\x01"):
    """Return an update with one value inside so many others: arrays, or maps of one key."""
    return b"\x01\x01\x07\x00\x08\x01\x01a\x01" + level * levels + b"\x7e\x00"


def a_valid_update():
    doc = Doc()
    doc["text"] = Text("some text, é😀")
    doc["list"] = Array([1, {"a": [None, True, "x"]}, Map({"b": Text("inner")})])
    return doc.get_update()


HOSTILE = {
    **{f"arrays in arrays, {levels}": framed(nested(levels)) for levels in (200, 30_000, 300_000)},
    "maps in maps": framed(nested(30_000, b"\x76\x01\x01k")),
    "arrays in arrays, as an answer": framed(nested(30_000), 1),
    "options of a document, nested": framed(b"\x01\x01\x07\x00\x09\x01\x01a\x01d" + b"\x75\x01" * 30_000 + b"\x7e\x00"),
    "2^28 clients in a state vector": framed(encode_number(2**28), 0),
    "2^28 clients in an update": framed(encode_number(2**28)),
    "2^28 structs": framed(b"\x01" + encode_number(2**28) + b"\x07\x00"),
    "2^28 values": framed(b"\x01\x01\x07\x00\x08\x01\x01a" + encode_number(2**28) + b"\x00"),
    "2^28 keys": framed(b"\x01\x01\x07\x00\x08\x01\x01a\x01\x76" + encode_number(2**28) + b"\x00"),
    "2^62 bytes of text": framed(b"\x01\x01\x07\x00\x04\x01\x01a" + encode_number(2**62) + b"x\x00"),
    "2^31 clocks skipped": framed(b"\x01\x01\x07\x00\x0a" + encode_number(2**31) + b"\x00"),
    "2^28 ranges deleted": framed(b"\x00\x01\x07" + encode_number(2**28)),
    "nothing at all": b"",
    "a text frame": "this is text",
    "an unknown kind": b"\x63hello",
    "a cut message": b"\x00\x02\x7f\x01",
    "presence that is no JSON": b"\x01\x05\x01\x05\x01\x02{{",
    "presence of 2^28": b"\x01\x05" + encode_number(2**28),
    "presence, nested": b"\x01" + (lambda s: encode_number(len(s)) + s)(
        b"\x01\x05\x01" + encode_number(20_000) + b"[" * 20_000
    ),
    "a command that nobody knows": b"\x02\x05shout\x01",
}  # fmt: skip


def test_one_that_sends_rubbish_is_closed_alone(tmp_path):
    asyncio.run(rubbish(tmp_path, count=200))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_ten_thousand_random_messages_harm_nobody(tmp_path):
    asyncio.run(rubbish(tmp_path, count=int(os.environ.get("JUPYTER_RTC_RUBBISH", "10000"))))


async def rubbish(tmp_path, count):
    seed = int(os.environ.get("JUPYTER_RTC_SEED", random.randrange(10**6)))
    print(f"seed {seed}")  # noqa: T201  pytest shows it where the test fails
    rng = random.Random(seed)
    async with running(tmp_path) as server, crowd(server) as people:
        neighbour = await listening(server)
        before = server.resident
        for name, message in HOSTILE.items():
            await send_until_closed(server, [message])
            assert neighbour.connected, name
        left = [random_message(rng) for _ in range(count)]
        while left:
            left = await send_until_closed(server, left)
        assert neighbour.connected
        with neighbour.edit() as doc:
            doc.get("text", type=Text).insert(0, "still here")
        other = await listening(server)
        await until(lambda: str(other.doc.get("text", type=Text)).startswith("still here"))
        assert server.resident - before < 150 * MB
        await people.check()


async def send_until_closed(server, messages):
    """Send them on one link, each with a sign of life behind it; return those for which it did not live."""
    socket = await websocket_connect(at(server))
    try:
        for number, message in enumerate(messages):
            await socket.write_message(message, binary=isinstance(message, bytes))
            await socket.write_message(create_sync_message(Doc()), binary=True)
            while (answer := await socket.read_message()) is not None and answer[:2] != b"\x00\x01":
                pass
            if answer is None:
                assert socket.close_code in (1003, 1007, 1008, 1009), (socket.close_code, message[:40])
                return messages[number + 1 :]
    except WebSocketClosedError:
        return messages[number + 1 :]
    socket.close()
    return []


def random_message(rng):
    """Return random bytes, or a message of the kind that is understood with random changes."""
    if rng.random() < 0.2:
        return rng.randbytes(rng.randrange(1, 200))
    update = bytearray(a_valid_update())
    for _ in range(rng.randrange(1, 4)):
        update[rng.randrange(len(update))] = rng.randrange(256)
    return framed(
        bytes(update[: rng.randrange(1, len(update) + 1)] if rng.random() < 0.2 else update), rng.randrange(3)
    )


BAD_FRAMES = {
    "not masked": b"\x82\x01x",
    "reserved bits": b"\xf2\x80\x00\x00\x00\x00",
    "an unknown opcode": b"\x8f\x80\x00\x00\x00\x00",
    "2^63 bytes": b"\x82\xff" + b"\x7f" + b"\xff" * 7 + bytes(4),
    "a long ping": b"\x89\xfe\xff\xff" + bytes(4),
    "no websocket at all": b"GET / HTTP/1.1\r\n\r\n",
}


def test_one_that_breaks_the_websocket_itself_is_closed_alone(tmp_path):
    async def story():
        async with running(tmp_path) as server, crowd(server, pairs=3):
            neighbour = await listening(server)
            for frame in BAD_FRAMES.values():
                socket = await RawSocket().connect(at(server))
                await socket.send_bytes(frame)
                cut = await RawSocket().connect(at(server))
                await cut.send_bytes(b"\x82\xff\x00")  # and one that ends in the middle of a frame's head
                cut.close()
                await ends(socket)
                socket.close()
            assert neighbour.connected
            await until_async(lambda: has_participants(server, 1))

    asyncio.run(story())


async def ends(socket):
    async with asyncio.timeout(30):
        try:
            while await socket.receive() is not None:
                pass
        except ConnectionResetError:
            pass


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
        assert end["files"] <= half["files"] + 5 and end["threads"] <= half["threads"] + 2, (half, end)


async def settled(server):
    """Return what the process holds when no room is open."""
    await eventually(server, lambda status: status["rooms"] == [], 60)
    return server.holdings
