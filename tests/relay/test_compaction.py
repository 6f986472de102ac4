"""Rules of jupyter_rtc.relay.compaction."""

import asyncio

from jupyter_rtc.documents import Mark
from jupyter_rtc.relay.settings import HubSettings
from jupyter_rtc.store.memory import MemoryLog

from .world import read, room_id, world, write


def test_a_log_that_outgrows_its_document_is_shortened_and_gives_back_the_same():
    async def story():
        log = MemoryLog()
        settings = HubSettings(compact_rows=100)
        async with world(log, settings=settings) as w:
            ana, _ = w.peer("ana")
            await w.settle()
            for number in range(250):
                write(ana, f"{number} ")
            await w.settle()
            await w.pass_time(1)
            [size] = await log.rooms()
            assert size.entries == 0 and size.snapshot_bytes > 0
            write(ana, "after ")
            await w.settle()
        async with world(log) as w:
            bo, _ = w.peer("bo")
            await w.settle()
            assert read(bo) == read(ana)

    asyncio.run(story())


def test_an_old_client_still_merges_exactly_after_compaction():
    async def story():
        log = MemoryLog()
        async with world(log, settings=HubSettings(compact_rows=10)) as w:
            ana, link = w.peer("ana")
            bo, _ = w.peer("bo")
            await w.settle()
            write(ana, "both know ")
            await w.settle()
            w.hub.leave(link.seat)
            ana.disconnect()
            write(ana, "unsent ")
            for number in range(100):
                write(bo, f"{number} ")
            document = await w.hub.open(room_id())
            await w.settle()
            await document.agree(Mark(50, "", "", 0.0))
            await w.pass_time(1)
            w.connect(ana, epoch=document.epoch)
            await w.settle()
            assert read(ana) == read(bo) and read(ana).count("unsent ") == 1

    asyncio.run(story())
