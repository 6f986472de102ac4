"""Histories that turn out to be damaged while their rooms are open."""

import asyncio
import sqlite3
from contextlib import closing

import pytest
from pycrdt import Text

from jupyter_rtc.documents import Mark
from jupyter_rtc.errors import StoreCorrupt
from jupyter_rtc.notices import NoticeKind
from jupyter_rtc.protocol.messages import Problem
from jupyter_rtc.relay.settings import HubSettings
from jupyter_rtc.store import tables
from jupyter_rtc.store.memory import MemoryLog
from jupyter_rtc.store.sqlite import SqliteLog
from jupyter_rtc.testing.peer import Peer

from .flaky import Flaky
from .world import overhear, read, room_id, stored_text, world, write


def spoil(log, room, number):
    """Have what is stored of a room's history be damaged at this change: it cannot be read further, nor appended to."""
    damage = StoreCorrupt("What the store holds of this document is not what was written.")
    damaged = log._shelves[room]

    async def read(name, upto=None):
        if log._shelves.get(name) is damaged and (upto is None or upto >= number):
            raise damage
        return await MemoryLog.read(log, name, upto)

    async def append(batch):
        if any(log._shelves.get(one.room) is damaged for one in batch):
            raise damage
        await MemoryLog.append(log, batch)

    async def salvage(name, epoch, upto=None):
        below = number - 1 if log._shelves.get(name) is damaged else None
        await MemoryLog.salvage(log, name, epoch, min((one for one in (upto, below) if one is not None), default=None))

    log.read, log.append, log.salvage = read, append, salvage


def test_a_history_that_is_damaged_while_its_room_is_open_is_written_anew_from_the_living_document():
    async def story():
        log = MemoryLog()
        async with world(log) as w:
            ana, link = w.peer("ana")
            for word in ("one ", "two ", "three "):
                await w.settle()
                write(ana, word)
            await w.settle()
            epoch = await w.hub.epoch(room_id())
            spoil(log, room_id(), 2)
            told = []
            bo = Peer("bo")
            told = overhear(bo, Problem)
            w.connect(bo, ours=True)
            await w.settle()
            write(ana, "four ")
            await w.settle()
            assert not link.ended and read(bo) == read(ana) == "four three two one "
            for _ in range(3):
                await w.pass_time(2)
            assert [one.code for one in told] == ["store failing", "store recovered"]
            assert await stored_text(log, room_id()) == read(ana)
            write(ana, "five ")
            await w.settle()
            assert not w.hub.status()["store_failing"]
        async with world(log) as w:
            cat, _ = w.peer("cat")
            await w.settle()
            assert read(cat) == "five four three two one " and await w.hub.epoch(room_id()) == epoch

    asyncio.run(story())


def test_damage_in_a_real_store_costs_nobody_a_word_and_what_is_damaged_is_kept_aside(tmp_path):
    path = tmp_path / "store.sqlite"

    async def settled(w):
        async with asyncio.timeout(20):
            await w.hub.open(room_id())
            await w.settle()
            while w.hub.status()["store_failing"]:
                await w.pass_time(2)
                await asyncio.sleep(0.002)

    async def story():
        log = SqliteLog(path)
        async with world(log) as w:
            ana, link = w.peer("ana")
            for word in ("one ", "two ", "three "):
                await settled(w)
                write(ana, word)
            await w.settle()
            db = log._opened.file.connection
            db.execute("UPDATE entry SET data = x'00' WHERE seq = 1")
            db.execute("UPDATE room SET last_chain = 'not a number'")
            write(ana, "four ")
            await w.settle()
            await settled(w)
            assert not link.ended
            epoch = await w.hub.epoch(room_id())
        async with world(SqliteLog(path)) as w:
            bo, _ = w.peer("bo")
            await settled(w)
            assert read(bo) == "four three two one " and await w.hub.epoch(room_id()) == epoch
            assert not w.noticed(NoticeKind.HISTORY_RESTARTED)

    asyncio.run(story())
    with closing(sqlite3.connect(path)) as db:
        (kept,) = tables.aside(db)
        assert kept.room == room_id() and kept.last_seq == 3


@pytest.mark.parametrize(("saved", "damaged_at", "known"), [(2, 4, True), (2, 1, False), (0, 1, True)])
def test_the_saved_state_goes_with_a_history_that_is_written_anew_if_it_can_still_be_read(saved, damaged_at, known):
    async def story():
        log = MemoryLog()
        async with world(log) as w:
            document = await w.hub.open(room_id())
            text = document.ydoc.get("source", type=Text)
            for word in ("one ", "two ", "three ", "four "):
                with document.edit("file"):
                    text.insert(0, word)
            await w.settle()
            await document.agree(Mark(saved, "digest", "print", 0.0))
            spoil(log, room_id(), damaged_at)
            with document.edit("file"):
                text.insert(0, "five ")
            await w.settle()
            for _ in range(3):
                await w.pass_time(2)
            agreed = await document.agreed()
            assert (agreed is not None) is known
            if agreed:
                assert agreed[0].revision == saved
                assert str(agreed[1].get("source", type=Text)) == ("two one " if saved else "")
            await document.agree(Mark(document.revision, "later", "print", 0.0))
            assert str((await document.agreed())[1].get("source", type=Text)) == str(text)

    asyncio.run(story())


def test_damage_that_is_found_when_a_history_is_to_be_shortened_is_mended_too():
    async def story():
        log = MemoryLog()
        async with world(log, settings=HubSettings(compact_rows=10)) as w:
            ana, link = w.peer("ana")
            await w.settle()
            for number in range(9):
                write(ana, f"{number} ")
                await w.settle()
            spoil(log, room_id(), 3)
            log.append = lambda batch: MemoryLog.append(log, batch)
            write(ana, "last ")
            await w.settle()
            for _ in range(5):
                await w.pass_time(2)
            assert not link.ended and await stored_text(log, room_id()) == read(ana)

    asyncio.run(story())


def test_damage_that_is_found_while_another_room_is_mended_costs_no_word():
    async def story():
        log = MemoryLog()
        async with world(log) as w:
            people = {room: w.peer("ana", room)[0] for room in ("app:one", "app:two")}
            for room, peer in people.items():
                await w.hub.open(room)
                write(peer, " before")
            await w.settle()
            one, two = (w.hub._rooms[room] for room in people)
            around = w.hub._log.around

            async def find_another(room, *args, **kwargs):
                two.damage_found = "Damaged as well."  # as shortening its history finds it, on a task of its own
                await around(room, *args, **kwargs)

            w.hub._log.around = find_another
            one.damage_found = "Damaged."
            for room, peer in people.items():
                write(peer, f"in {room}")
            for _ in range(5):
                await w.pass_time(2)
            for room, peer in people.items():
                assert await stored_text(log, room) == read(peer) == f"in {room} before"

    asyncio.run(story())


def test_a_room_that_cannot_be_mended_for_an_unforeseen_reason_ends_alone():
    async def story():
        log = MemoryLog()
        async with world(log) as w:
            ana, link = w.peer("ana", "app:bad")
            bo, others_link = w.peer("bo", "app:other")
            cy, _ = w.peer("cy", "app:other")
            write(ana, "before ")
            await w.settle()

            async def around(*_args, **_kwargs):
                raise ZeroDivisionError("a bug")

            w.hub._log.around = around
            w.hub._rooms["app:bad"].damage_found = "Damaged."
            write(ana, "ana ")
            write(bo, "bo ")
            await w.settle()
            assert link.error.code == "room_failed" and not others_link.ended
            assert read(cy) == "bo " == await stored_text(log, "app:other")

    asyncio.run(story())


def test_a_store_in_which_what_was_written_anew_is_damaged_again_is_tried_no_more(caplog):
    async def story():
        log = Flaky()
        anew = []

        async def salvage(room, epoch, upto=None):
            anew.append(room)
            await MemoryLog.salvage(log, room, epoch, upto)

        log.salvage = salvage
        async with world(log, settings=HubSettings(compact_rows=10)) as w:
            ana, link = w.peer("ana")
            await w.settle()
            log.fails, log.error = {"read"}, StoreCorrupt("It is not what was written.")
            for number in range(100):
                write(ana, f"{number} ")
                await w.pass_time(2)
            assert not link.ended and anew == [room_id()]
            assert len(w.noticed(NoticeKind.STORE_FAILED)) <= 2
            (room,) = w.hub.status()["rooms"]
            assert room["log"]["in_memory"] and room["log"]["rows"] <= 20

    asyncio.run(story())


def test_where_the_store_takes_nothing_any_more_a_damaged_history_stays_in_memory_and_its_room_open():
    async def story():
        log = MemoryLog()
        async with world(log) as w:
            ana, link = w.peer("ana")
            await w.settle()
            write(ana, "one ")
            await w.settle()
            spoil(log, room_id(), 1)

            async def salvage(room, epoch, upto=None):
                raise StoreCorrupt("The store's file is damaged.")

            log.salvage = salvage
            for word in ("two ", "three "):
                write(ana, word)
                for _ in range(3):
                    await w.pass_time(2)
            bo, _ = w.peer("bo")
            await w.settle()
            assert not link.ended and read(bo) == "three two one " and w.hub.status()["store_failing"]

    asyncio.run(story())
