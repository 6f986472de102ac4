"""Rules of jupyter_rtc.relay.compaction."""

import asyncio

from jupyter_rtc.documents import Mark
from jupyter_rtc.errors import StoreError, StoreUnavailable
from jupyter_rtc.relay.settings import HubSettings
from jupyter_rtc.store.memory import MemoryLog

from .flaky import Flaky
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


class Counted(Flaky):
    """Counts the attempts to shorten a history."""

    tries = 0

    async def read(self, room, upto=None):
        self.tries += 1
        return await super().read(room, upto)


async def grow(w, peer, changes):
    for number in range(changes):
        write(peer, f"{number} ")
    await w.settle()


def warnings(caplog):
    return [one.getMessage() for one in caplog.records if "was not shortened" in one.getMessage()]


def test_a_history_that_cannot_be_read_is_not_shortened_again_and_again_and_said_once(caplog):
    async def story():
        log = Counted()
        async with world(log, settings=HubSettings(compact_rows=100)) as w:
            ana, _ = w.peer("ana")
            await w.settle()
            log.fails, log.error, log.tries = {"read"}, StoreError("It was refused."), 0
            await grow(w, ana, 150)
            for _ in range(300):
                await w.pass_time(60)
            assert log.tries == 1
            assert warnings(caplog) == [f"The history of room {room_id()} was not shortened: {log.error.words}"]
            await grow(w, ana, 160)
            await w.pass_time(1)
            assert log.tries == 2 and len(warnings(caplog)) == 1, "it has grown as much again"
            log.error = StoreError("It was refused for another reason.")
            await grow(w, ana, 320)
            await w.pass_time(1)
            assert len(warnings(caplog)) == 2, "it failed in another way"

    asyncio.run(story())


def test_while_the_log_fails_shortening_is_tried_ever_less_often_and_done_when_it_works(caplog):
    async def story():
        log = Counted()
        async with world(log, settings=HubSettings(compact_rows=100)) as w:
            ana, _ = w.peer("ana")
            await w.settle()
            await grow(w, ana, 150)
            log.fails, log.error, log.tries = {"compact"}, StoreUnavailable("The disk failed."), 0
            for _ in range(600):
                await w.pass_time(1)
            assert 3 <= log.tries <= 8 and len(warnings(caplog)) == 1
            log.fails = set()
            for _ in range(600):
                await w.pass_time(1)
            [size] = await log.rooms()
            assert size.entries == 0

    asyncio.run(story())
