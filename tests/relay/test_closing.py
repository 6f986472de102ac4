"""Rules of jupyter_rtc.relay.closing."""

import asyncio

import pytest

from jupyter_rtc.documents import Mark
from jupyter_rtc.errors import DocumentUnreadable
from jupyter_rtc.notices import NoticeKind
from jupyter_rtc.store.memory import MemoryLog

from .keeper import StoredKeeper
from .world import read, room_id, stored_text, world, write


class Watching(StoredKeeper):
    """A keeper that knows when it is closed whose changes it has not saved yet."""

    def __init__(self):
        super().__init__()
        self.heard, self.saved_last = [], []

    async def load(self, document):
        await super().load(document)
        document.watch(self.heard.append)

    async def close(self):
        await super().close()
        self.saved_last = list(self.heard)


class Gated(MemoryLog):
    """A log that takes its time to append."""

    async def append(self, batch):
        for _ in range(20):
            await asyncio.sleep(0)
        await super().append(batch)


class Half(StoredKeeper):
    """A keeper that cannot go on when it has filled half of the document, and saves that nevertheless."""

    async def load(self, document):
        self.document = document
        await super().load(document)
        raise DocumentUnreadable("The rest cannot be read.")

    async def close(self):
        await super().close()
        with self.document.edit("file"):
            self.document.ydoc["source"].insert(0, "in vain ")
        await self.document.agree(Mark(self.document.revision, "content", "print", 0.0))


@pytest.mark.parametrize("make", [MemoryLog, Gated])
def test_a_keeper_has_heard_of_every_change_when_it_saves_for_the_last_time(make):
    async def story():
        keeper = Watching()
        async with world(make(), keeper_of=lambda _: keeper) as w:
            ana, _ = w.peer("ana")
            await w.hub.open(room_id())
            await w.settle()
            keeper.heard.clear()
            write(ana, "just now ")
            await w.hub.renew(room_id())
            assert keeper.saved_last == ["client"]

    asyncio.run(story())


def test_what_a_keeper_changes_when_it_saves_for_the_last_time_is_stored():
    class Parting(StoredKeeper):
        async def load(self, document):
            await super().load(document)
            self.document = document

        async def close(self):
            with self.document.edit("file"):
                self.document.ydoc["source"].insert(0, "at the end ")

    async def story():
        log = MemoryLog()
        async with world(log, keeper_of=lambda _: Parting()) as w:
            await w.hub.open(room_id())
            await w.hub.renew(room_id())
            assert await stored_text(log, room_id()) == "at the end from the file"

    asyncio.run(story())


@pytest.mark.parametrize("step", ["record", "fill"])
def test_the_keeper_of_a_room_that_fails_after_it_was_filled_lets_go_and_nothing_is_lost(step, monkeypatch, caplog):
    async def story():
        log, keepers = MemoryLog(), []

        def keeper_of(_):
            keepers.append(StoredKeeper())
            return keepers[-1]

        async with world(log, keeper_of=keeper_of) as w:
            opening, real = w.hub._opening, getattr(w.hub._opening, step)

            async def broken(place):
                monkeypatch.setattr(opening, step, real)
                if step == "fill":
                    await real(place)
                raise RuntimeError("a defect")

            monkeypatch.setattr(opening, step, broken)
            ana, link = w.peer("ana")
            await w.settle()
            assert link.ended and link.error.code == "document_error"
            assert keepers[0].closes == 1 and w.hub.open_rooms == []
            assert await stored_text(log, room_id()) == "from the file"
            bo, _ = w.peer("bo")
            await w.settle()
            assert read(bo) == "from the file" and keepers[1].closes == 0
            assert len(w.noticed(NoticeKind.ROOM_FAILED)) == 1

    asyncio.run(story())
    assert "a defect" in caplog.text


def test_of_a_document_that_could_not_be_filled_nothing_is_stored():
    async def story():
        log, keeper = MemoryLog(), Half()
        async with world(log, keeper_of=lambda _: keeper) as w:
            _, link = w.peer("ana")
            await w.settle()
            assert link.error.code == "unreadable"
            await w.settle()
            history = await log.read(room_id())
            assert keeper.closes == 1 and not history.entries and not history.marks

    asyncio.run(story())


def test_who_comes_while_the_keeper_of_a_failed_room_lets_go_waits_for_that():
    class Slow(Half):
        async def close(self):
            await may.wait()

    async def story():
        keepers = [StoredKeeper(), Slow()]
        async with world(keeper_of=lambda _: keepers.pop()) as w:
            _, link = w.peer("ana")
            await w.settle()
            assert link.ended
            bo, _ = w.peer("bo")
            await w.settle()
            assert not bo.synced
            may.set()
            await w.settle()
            assert read(bo) == "from the file"

    may = asyncio.Event()
    asyncio.run(story())
