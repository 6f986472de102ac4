"""Rules of jupyter_rtc.relay.opening."""

import asyncio

from pycrdt import Text

from jupyter_rtc.errors import StoreUnavailable
from jupyter_rtc.ids import DIRECTORY, new_epoch, requests_room
from jupyter_rtc.notices import NoticeKind
from jupyter_rtc.relay.room import READ_ONLY
from jupyter_rtc.store.log import Append, Entry
from jupyter_rtc.store.memory import MemoryLog

from .world import read, room_id, world, write


def test_a_history_that_cannot_be_read_is_not_used_in_part_and_a_new_one_begins():
    async def story():
        log = MemoryLog()
        epoch = new_epoch()
        await log.open()
        await log.begin(room_id(), epoch)
        await log.append([Append(room_id(), epoch, [Entry(1, b"\x07rubbish")])])
        async with world(log) as w:
            ana, _ = w.peer("ana")
            await w.settle()
            assert ana.synced and read(ana) == ""
            assert await w.hub.epoch(room_id()) != epoch
            assert w.noticed(NoticeKind.HISTORY_RESTARTED)

    asyncio.run(story())


def test_a_log_that_fails_as_a_whole_keeps_nobody_from_a_document():
    class Broken(MemoryLog):
        async def read(self, room, upto=None):
            raise StoreUnavailable("The disk failed.")

        async def begin(self, room, epoch):
            raise StoreUnavailable("The disk failed.")

        async def append(self, batch):
            raise StoreUnavailable("The disk failed.")

        async def attempt(self, room):
            raise StoreUnavailable("The disk failed.")

    async def story():
        async with world(Broken()) as w:
            ana, _ = w.peer("ana")
            bo, _ = w.peer("bo")
            await w.settle()
            write(ana, "still works")
            await w.settle()
            assert read(bo) == "still works"
            assert w.noticed(NoticeKind.STORE_FAILED)

    asyncio.run(story())


def test_a_room_without_a_log_has_a_keeper_and_begins_anew_each_time():
    class Writer:
        async def load(self, document):
            with document.edit("server"):
                document.ydoc.get("source", type=Text).insert(0, "from the server")

        def holds(self):
            return None

        async def close(self):
            pass

        def status(self):
            return {}

    async def story():
        log, room = MemoryLog(), requests_room("ana")
        async with world(log, keeper_of=lambda _: Writer()) as w:
            ana, _ = w.peer("ana", room)
            await w.settle()
            assert read(ana) == "from the server"
            write(ana, "and ana: ")
            await w.settle()
            assert (await w.hub.open(room)).ydoc.get("source", type=Text).to_py() == "and ana: from the server"
            assert await log.read(room) is None

    asyncio.run(story())


def test_nobody_but_the_server_changes_the_server_s_own_tables():
    async def story():
        async with world() as w:
            ana, _ = w.peer("ana", DIRECTORY, ours=True)
            await w.settle()
            document = await w.hub.open(DIRECTORY)
            write(ana, "forged")
            await w.settle()
            assert str(document.ydoc.get("source", type=Text)) == ""
            assert [notice.words for notice in w.noticed(NoticeKind.REFUSED)] == [READ_ONLY]
            with document.edit("server"):
                document.ydoc.get("source", type=Text).insert(0, "true")
            bo, _ = w.peer("bo", DIRECTORY)
            await w.settle()
            assert read(bo) == "true"

    asyncio.run(story())


def test_a_keeper_that_cannot_use_a_history_begins_a_new_one_under_a_new_epoch():
    class Picky:
        async def load(self, document):
            if document.restored:
                await document.start_over("the mark is lost")

        def holds(self):
            return None

        async def close(self):
            pass

        def status(self):
            return {}

    async def story():
        log = MemoryLog()
        async with world(log) as w:
            ana, _ = w.peer("ana")
            await w.settle()
            write(ana, "old")
            await w.settle()
            old = await w.hub.epoch(room_id())
        async with world(log, keeper_of=lambda room: Picky()) as w:
            bo, _ = w.peer("bo")
            await w.settle()
            assert read(bo) == "" and await w.hub.epoch(room_id()) != old
            write(bo, "new")
            await w.settle()
            assert len((await log.read(room_id())).entries) == 1

    asyncio.run(story())
