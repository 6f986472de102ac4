"""Rules of jupyter_rtc.relay.opening."""

import asyncio
import sqlite3
from contextlib import closing

import pytest
from pycrdt import Doc, Text

from jupyter_rtc.documents import Mark
from jupyter_rtc.errors import DocumentUnreadable, EpochMismatch, StoreUnavailable
from jupyter_rtc.ids import DIRECTORY, new_epoch, requests_room
from jupyter_rtc.notices import NoticeKind
from jupyter_rtc.relay.history import rebuild
from jupyter_rtc.relay.room import READ_ONLY
from jupyter_rtc.relay.settings import HubSettings
from jupyter_rtc.store import tables
from jupyter_rtc.store.log import Append, Entry
from jupyter_rtc.store.memory import MemoryLog
from jupyter_rtc.store.sqlite import SqliteLog
from jupyter_rtc.testing.peer import Peer

from .flaky import EVERYTHING, Flaky
from .keeper import StoredKeeper
from .world import read, room_id, world, write


def updates(*words):
    """Return the changes of somebody who writes these words one after another."""
    doc, made = Doc(), []
    doc.observe(lambda event: made.append(event.update))
    for word in words:
        doc.get("source", type=Text).insert(0, word)
    return made


@pytest.mark.parametrize(("rubbish", "used"), [(1, ""), (2, "one "), (3, "two one ")])
def test_a_history_is_used_up_to_a_change_that_cannot_be_applied_under_a_new_epoch(rubbish, used):
    async def story():
        log = MemoryLog()
        epoch = new_epoch()
        await log.open()
        await log.begin(room_id(), epoch)
        made = updates("one ", "two ", "three ")
        made[rubbish - 1] = b"\x07rubbish"
        await log.append([Append(room_id(), epoch, [Entry(seq, update) for seq, update in enumerate(made, 1)])])
        async with world(log) as w:
            ana, _ = w.peer("ana")
            await w.settle()
            assert ana.synced and read(ana) == used
            assert await w.hub.epoch(room_id()) != epoch
            assert w.noticed(NoticeKind.HISTORY_RESTARTED)
            write(ana, "on ")
            await w.settle()
        async with world(log) as w:
            bo, _ = w.peer("bo")
            await w.settle()
            assert read(bo) == "on " + used and not w.noticed(NoticeKind.HISTORY_RESTARTED)

    asyncio.run(story())


def test_of_a_history_that_was_damaged_on_disk_what_was_first_is_used_and_all_of_it_is_kept_aside(tmp_path):
    path = tmp_path / "store.sqlite"

    async def write_it():
        async with world(SqliteLog(path)) as w:
            ana, _ = w.peer("ana")
            await w.hub.open(room_id())
            await w.settle()
            for word in ("one ", "two ", "three "):
                write(ana, word)
                await w.settle()
            return await w.hub.epoch(room_id())

    async def read_it(before):
        async with world(SqliteLog(path)) as w:
            ana, _ = w.peer("ana")
            await w.hub.open(room_id())
            await w.settle()
            assert read(ana) == "one " and await w.hub.epoch(room_id()) != before
            (notice,) = w.noticed(NoticeKind.HISTORY_RESTARTED)
            assert "the first 1 changes are used; all of it is kept aside" in notice.words
            (room,) = w.hub.status()["rooms"]
            assert room["log"]["words"] == notice.words and not room["log"]["in_memory"]
            ana.disconnect()
            link = w.connect(Peer("bo"), epoch=before)
            await w.settle()
            assert isinstance(link.error, EpochMismatch)

    epoch = asyncio.run(write_it())
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE entry SET data = x'00' WHERE seq = 2")
        db.commit()
    asyncio.run(read_it(epoch))
    with closing(sqlite3.connect(path)) as db:
        assert [one.epoch for one in tables.aside(db)] == [epoch]
        assert db.execute("SELECT count(*) FROM entry").fetchone() == (3 + 1,)


def test_a_log_that_fails_as_a_whole_keeps_nobody_from_a_file():
    async def story():
        async with world(Flaky(*EVERYTHING), keeper_of=lambda _: StoredKeeper()) as w:
            ana, _ = w.peer("ana")
            bo, _ = w.peer("bo")
            await w.settle()
            write(ana, "still works")
            await w.settle()
            assert read(bo) == "still works" + "from the file"
            assert w.noticed(NoticeKind.STORE_FAILED)

    asyncio.run(story())


@pytest.mark.parametrize("failure", [DocumentUnreadable("It is no notebook."), RuntimeError("a defect")])
def test_a_document_whose_loading_ends_with_a_reason_is_never_quarantined_and_opens_once_it_is_mended(failure):
    async def story():
        log = MemoryLog()
        keeper = StoredKeeper(fails=[failure] * 10)
        async with world(log, keeper_of=lambda _: keeper) as w:
            for _ in range(10):
                _, link = w.peer("ana")
                await w.settle()
                assert link.error.code == getattr(failure, "code", "document_error")
            ana, _ = w.peer("ana")
            await w.settle()
            assert read(ana) == "from the file"
            assert await log.attempt(room_id()) == 1

    asyncio.run(story())


def test_loads_that_the_log_could_not_be_told_of_do_not_count_against_the_room():
    async def story():
        log = Flaky("settled")
        async with world(log, settings=HubSettings(cleanup_delay=0)) as w:
            for _ in range(10):
                ana, link = w.peer("ana")
                await w.settle()
                assert ana.synced
                w.hub.leave(link.seat)
                await w.pass_time(1)
            log.fails.clear()
            await w.pass_time(1)
            assert await log.attempt(room_id()) == 1

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


def test_a_history_that_a_keeper_cannot_use_is_kept_aside(tmp_path):
    class Picky(StoredKeeper):
        async def load(self, document):
            if document.restored:
                await document.start_over("The mark is lost.")
            await super().load(document)

    path = tmp_path / "store.sqlite"

    async def story():
        async with world(SqliteLog(path)) as w:
            ana, _ = w.peer("ana")
            await w.hub.open(room_id())
            write(ana, "old")
            await w.settle()
            old = await w.hub.epoch(room_id())
        async with world(SqliteLog(path), keeper_of=lambda _: Picky()) as w:
            document = await w.hub.open(room_id())
            assert str(document.ydoc.get("source", type=Text)) == "from the file" and document.epoch != old
            (notice,) = w.noticed(NoticeKind.HISTORY_RESTARTED)
            assert notice.words.startswith("The mark is lost.") and "kept aside" in notice.words
            (room,) = w.hub.status()["rooms"]
            assert room["log"]["words"] == notice.words
        return old

    old = asyncio.run(story())
    with closing(sqlite3.connect(path)) as db:
        assert [one.epoch for one in tables.aside(db)] == [old]


def test_a_history_in_memory_that_a_keeper_cannot_use_is_kept_aside_as_soon_as_the_store_can_take_it(tmp_path):
    class Picky(StoredKeeper):
        async def load(self, document):
            if document.restored:
                await document.start_over("The mark is lost.")
            await super().load(document)

    class Full(SqliteLog):
        fails = True

        async def begin(self, *given):
            if self.fails:
                raise StoreUnavailable("The disk is full.")
            await super().begin(*given)

    path = tmp_path / "store.sqlite"

    async def story():
        log = Full(path)
        async with world(log, keeper_of=lambda _: Picky()) as w:
            document = await w.hub.open(room_id())
            old = document.epoch
            await w.hub.renew(room_id())
            document = await w.hub.open(room_id())
            (notice,) = w.noticed(NoticeKind.HISTORY_RESTARTED)
            assert notice.words.endswith("The old one is kept aside, as soon as the store can take it.")
            log.fails = False
            await w.pass_time(100.0)
            while w.hub._log.leads(room_id()):  # the store has a thread of its own
                await w.settle()
            history = await log.read(room_id())
            assert history.epoch == document.epoch and history.last_seq == 1
        return old

    old = asyncio.run(story())
    with closing(sqlite3.connect(path)) as db:
        assert [(one.epoch, one.last_seq) for one in tables.aside(db)] == [(old, 1)]


def test_what_is_unsaved_when_a_document_closes_whose_marks_the_log_refused_is_kept_aside(tmp_path):
    class Keeper(Filler):
        async def load(self, document):
            if document.restored and await document.saved() is None:
                await document.start_over("Nothing tells what the file has.")
            await super().load(document)

    class Unmarked(SqliteLog):
        fails = True

        async def mark(self, *given):
            if self.fails:
                raise StoreUnavailable("The disk is full.")
            await super().mark(*given)

    path = tmp_path / "store.sqlite"

    async def story():
        log = Unmarked(path)
        async with world(log, keeper_of=lambda _: Keeper(1)) as w:
            ana, _ = w.peer("ana")
            await (await w.hub.open(room_id())).close()
            await w.settle()
            write(ana, "unsaved ")
            await w.settle()
            old = await w.hub.epoch(room_id())
        log.fails = False
        async with world(log, keeper_of=lambda _: Keeper(1)) as w:
            document = await w.hub.open(room_id())
            assert document.epoch != old and await document.saved() is not None
        return old

    old = asyncio.run(story())
    with closing(sqlite3.connect(path)) as db:
        assert [one.epoch for one in tables.aside(db)] == [old]
        tables.take_back(db, room_id(), 1)
        kept = rebuild(tables.read(db, room_id(), None))
        assert str(kept.get("source", type=Text)).startswith("unsaved ")


class Filler:
    """A keeper that fills a document with much text, in pieces."""

    def __init__(self, pieces=40):
        self.pieces = pieces

    async def load(self, document):
        self.document = document
        if document.restored:
            return
        text = document.ydoc.get("source", type=Text)
        for number in range(self.pieces):
            with document.edit("disk"):
                text.insert(0, f"{number:03}" * 20_000)
        await document.agree(Mark(document.revision, "content", "print", 0.0))

    def holds(self):
        return None

    async def close(self):
        pass

    def status(self):
        return {}


@pytest.mark.parametrize("fails", [{"append"}, {"mark"}, {"append", "mark"}])
def test_the_marks_of_a_document_that_was_opened_while_the_log_failed_are_in_it_with_the_next_change(fails):
    async def story():
        log, keeper = Flaky(*fails), Filler(pieces=1)
        async with world(log, keeper_of=lambda _: keeper) as w:
            ana, _ = w.peer("ana")
            await w.settle()
            assert await keeper.document.agreed() is None
            log.fails.clear()
            write(ana, "typed ")
            await w.pass_time(2.0)
            history = await log.read(room_id())
            assert history is not None and history.marks["saved"].seq == 1
            agreed, base = await keeper.document.agreed()
            assert agreed.content == "content" and str(base.get("source", type=Text)) == "000" * 20_000
        async with world(log, keeper_of=lambda _: keeper) as w:
            await w.hub.open(room_id())
            assert (await keeper.document.saved()) == agreed

    asyncio.run(story())


def test_marks_that_the_log_did_not_take_are_asked_for_again_though_nobody_types():
    async def story():
        log, keeper = Flaky("mark"), Filler(pieces=1)
        async with world(log, keeper_of=lambda _: keeper) as w:
            w.peer("ana")
            await w.settle()
            log.fails.clear()
            await w.pass_time(2.0)
            assert (await log.read(room_id())).marks["saved"].seq == 1

    asyncio.run(story())


def test_a_mark_outlasts_that_the_whole_document_stands_for_what_a_failing_log_did_not_take(monkeypatch):
    monkeypatch.setattr("jupyter_rtc.relay.pump.MAX_UNSTORED_BYTES", 1000)

    async def story():
        log, keeper = Flaky("append"), Filler(pieces=2)
        async with world(log, keeper_of=lambda _: keeper) as w:
            ana, _ = w.peer("ana")
            for _ in range(10):
                await w.settle()
                write(ana, "typed ")
            log.fails.clear()
            await w.pass_time(2.0)
            _, base = await keeper.document.agreed()
            assert str(base.get("source", type=Text)) == "001" * 20_000 + "000" * 20_000
            history = await log.read(room_id())
            assert str(rebuild(history).get("source", type=Text)) == read(ana) and len(history.entries) <= 3

    asyncio.run(story())


class Slow(MemoryLog):
    """A log that appends when it is told to."""

    def __init__(self):
        super().__init__()
        self.may = asyncio.Event()
        self.appended = []

    async def append(self, batch):
        await self.may.wait()
        await asyncio.sleep(0)
        self.appended += [(each.room, entry.seq) for each in batch for entry in each.entries]
        await super().append(batch)

    async def mark(self, room, epoch, marks):
        self.appended.append((room, "mark"))
        await super().mark(room, epoch, marks)


def test_a_document_is_shown_before_what_it_began_with_is_in_the_log_and_no_change_overtakes_that():
    async def story():
        log = Slow()
        async with world(log, keeper_of=lambda _: Filler()) as w:
            ana, _ = w.peer("ana")
            bo, _ = w.peer("bo")
            await w.settle()
            assert ana.synced and len(read(ana)) == 40 * 60_000
            write(ana, "typed early ")
            await w.settle()
            assert "early" not in read(bo), "nobody sees a change that is not in the log"
            log.may.set()
            await w.settle()
            assert read(bo).startswith("typed early ")
            seqs = [seq for _, seq in log.appended]
            assert seqs == [*range(1, 41), "mark", 41]
            history = await log.read(room_id())
            assert history is not None
            assert str(rebuild(history).get("source", type=Text)) == read(bo)

    asyncio.run(story())


def test_a_large_beginning_leaves_other_rooms_their_turn_in_the_log():
    async def story():
        log = Slow()
        log.may.set()
        async with world(log, keeper_of=lambda room: Filler(200) if room == room_id() else None) as w:
            bo, _ = w.peer("bo", "app:other")
            await w.settle()
            w.peer("ana")
            while len(log.appended) < 3:
                await asyncio.sleep(0)
            write(bo, "meanwhile")
            await w.settle()
            rooms = [room for room, _ in log.appended]
            assert rooms.index("app:other") < len(rooms) - 5, "it did not wait for all of the other room's beginning"

    asyncio.run(story())


def test_the_first_to_open_a_large_document_gets_the_pieces_in_which_it_came_and_later_ones_all_at_once():
    async def story():
        async with world(keeper_of=lambda _: Filler()) as w:
            ana, link = w.peer("ana")
            await w.settle()
            assert len(read(ana)) == 40 * 60_000 and ana.received_updates == 40
            write(ana, "more ")
            await w.settle()
            bo, _ = w.peer("bo")
            await w.settle()
            assert bo.synced and read(bo) == read(ana) and bo.received_updates == 0

    asyncio.run(story())


def test_what_nobody_asks_for_is_not_kept():
    async def story():
        async with world(keeper_of=lambda _: Filler()) as w:
            await w.hub.open(room_id())
            for _ in range(4):
                await w.pass_time(1.0)
            ana, _ = w.peer("ana")
            await w.settle()
            assert ana.synced and len(read(ana)) == 40 * 60_000 and ana.received_updates == 0

    asyncio.run(story())


def test_while_the_log_fails_a_large_document_opens_and_is_logged_when_that_works_again():
    class Failing(MemoryLog):
        fails = True

        async def append(self, batch):
            if self.fails:
                raise StoreUnavailable("The disk is full.")
            await super().append(batch)

    async def story():
        log = Failing()
        async with world(log, keeper_of=lambda _: Filler()) as w:
            ana, _ = w.peer("ana")
            await w.settle()
            write(ana, "typed ")
            await w.settle()
            assert w.noticed(NoticeKind.STORE_FAILED)
            log.fails = False
            await w.pass_time(2.0)
            history = await log.read(room_id())
            assert history is not None
            assert str(rebuild(history).get("source", type=Text)) == read(ana)

    asyncio.run(story())


def test_to_replace_what_a_document_began_with_by_a_snapshot_of_it_is_not_due():
    async def story():
        log = MemoryLog()
        async with world(log, keeper_of=lambda _: Filler()) as w:
            await w.hub.open(room_id())
            await w.pass_time(1.0)
            (room,) = w.hub.status()["rooms"]
            assert room["log"]["rows"] == room["log"]["bytes"] == 0 and room["log"]["snapshot_bytes"] > 2_000_000
            history = await log.read(room_id())
            assert history is not None and history.snapshot is None and len(history.entries) == 40

    asyncio.run(story())
