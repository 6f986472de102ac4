"""Rules of jupyter_rtc.relay.containment, and that the whole relay keeps to them: others do not notice."""

import asyncio

import pytest
from pycrdt import Text

from jupyter_rtc.notices import NoticeKind
from jupyter_rtc.relay import compaction
from jupyter_rtc.relay.changes import Changes
from jupyter_rtc.relay.containment import contained, logged
from jupyter_rtc.relay.settings import HubSettings
from jupyter_rtc.store.memory import MemoryLog

from .keeper import StoredKeeper
from .world import read, room_id, world, write

BAD = "app:bad"
PanicException = type("PanicException", (BaseException,), {})


def bug(*_args, **_given):
    raise ZeroDivisionError("a bug")


def panic(*_args, **_given):
    raise PanicException("a bug in native code")


@pytest.mark.parametrize("raises", [bug, panic])
def test_an_unforeseen_error_is_handed_to_whoever_it_belongs_to(raises):
    heard = []
    with contained(heard.append):
        raises()
    assert len(heard) == 1


@pytest.mark.parametrize("error", [asyncio.CancelledError, KeyboardInterrupt, SystemExit])
def test_cancellation_and_the_end_of_the_process_pass(error):
    with pytest.raises(error), contained(print):
        raise error


def test_what_is_logged_has_its_traceback(caplog):
    with contained(logged("It broke.")):
        bug()
    assert "It broke." in caplog.text and "in bug" in caplog.text


def a_keeper_that_cannot_say_whether_it_holds(w, monkeypatch):
    monkeypatch.setattr(w.hub._rooms[BAD].keeper, "holds", bug)


def a_room_that_cannot_tick(w, monkeypatch):
    monkeypatch.setattr(w.hub._rooms[BAD].room, "tick", bug)


def a_room_that_cannot_say_what_is_to_be_done(w, monkeypatch):
    room = w.hub._rooms[BAD].room
    calls = iter([panic])
    take = room.take
    monkeypatch.setattr(room, "take", lambda: next(calls, take)())


def a_room_that_cannot_note_changes(w, monkeypatch):
    monkeypatch.setattr(w.hub._rooms[BAD].room.changes, "_changed", bug)


def a_link_that_cannot_be_written(w, monkeypatch):
    for seat in w.hub._rooms[BAD].seats.values():
        monkeypatch.setattr(seat.outbox._link, "write_frames", bug)


def a_room_that_cannot_bring_anybody_up_to_date(w, monkeypatch):
    place = w.hub._rooms[BAD]
    monkeypatch.setattr(place.room, "resync", bug)
    for seat in place.seats.values():
        asyncio.get_running_loop().call_soon(seat.outbox._caught_up, b"\x00")


FAULTS = [
    a_keeper_that_cannot_say_whether_it_holds,
    a_room_that_cannot_tick,
    a_room_that_cannot_say_what_is_to_be_done,
    a_room_that_cannot_note_changes,
    a_link_that_cannot_be_written,
    a_room_that_cannot_bring_anybody_up_to_date,
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_room_with_a_defect_is_closed_with_a_word_and_the_others_go_on(fault, monkeypatch, caplog):
    async def story():
        keepers = {BAD: StoredKeeper()}
        async with world(keeper_of=keepers.get, settings=HubSettings(cleanup_delay=0)) as w:
            ana, ana_link = w.peer("ana")
            bo, _ = w.peer("bo")
            eve, eve_link = w.peer("eve", BAD)
            _, zoe_link = w.peer("zoe", BAD)
            await w.settle()
            with monkeypatch.context() as broken:
                fault(w, broken)
                write(eve, "said in the bad room ")
                await w.settle()
                if fault is a_keeper_that_cannot_say_whether_it_holds:
                    w.hub.leave(eve_link.seat)
                    w.hub.leave(zoe_link.seat)
                await w.pass_time(5)
                assert not w.hub.is_open(room_id(BAD))
            write(ana, "still here")
            await w.settle()
            assert read(bo) == "still here" and not ana_link.ended
            if eve_link.ended or fault is not a_keeper_that_cannot_say_whether_it_holds:
                assert eve_link.error.close_code == 1011 and "opens it anew" in eve_link.error.words
            assert [notice.room for notice in w.noticed(NoticeKind.ROOM_FAILED)] == [BAD]
            assert "Traceback" in caplog.text and "a bug" in caplog.text
            again, _ = w.peer("again", BAD)
            await w.settle()
            assert read(again).startswith("said in the bad room")

    asyncio.run(story())


def test_a_foreign_observer_that_fails_cuts_nobody_off(caplog):
    async def story():
        async with world() as w:
            ana, link = w.peer("ana")
            bo, _ = w.peer("bo")
            document = await w.hub.open(room_id())
            document.ydoc.observe(bug)
            write(ana, "one ")
            await w.settle()
            with document.edit("disk"):
                document.ydoc.get("source", type=Text).insert(0, "two ")
            await w.settle()
            assert read(ana) == read(bo) == "two one " and not link.ended
            assert "Traceback" in caplog.text
            assert len((await w.log.read(room_id())).entries) == 2

    asyncio.run(story())


def test_a_room_that_cannot_note_what_it_is_filled_with_is_not_opened(monkeypatch):
    async def story():
        async with world(keeper_of={BAD: StoredKeeper()}.get) as w:
            monkeypatch.setattr(Changes, "_changed", bug)
            _, link = w.peer("eve", BAD)
            await w.settle()
            assert link.error.code == "document_error"
            monkeypatch.undo()
            again, _ = w.peer("eve", BAD)
            await w.settle()
            assert read(again) == "from the file"

    asyncio.run(story())


def test_one_who_listens_to_what_happens_and_fails_harms_nobody(caplog):
    async def story():
        async with world(announce=bug) as w:
            ana, link = w.peer("ana")
            bo, _ = w.peer("bo")
            await w.settle()
            write(ana, "fine")
            await w.settle()
            w.hub.leave(link.seat)
            await w.pass_time(1)
            assert read(bo) == "fine"
            assert "Traceback" in caplog.text

    asyncio.run(story())


def test_a_history_that_cannot_be_shortened_stays_as_it_is_and_is_not_tried_again(monkeypatch, caplog):
    async def story():
        async with world(settings=HubSettings(compact_rows=1)) as w:
            tried = []
            monkeypatch.setattr(compaction, "compacted", lambda *_: tried.append(1) or panic())
            ana, link = w.peer("ana")
            bo, _ = w.peer("bo")
            await w.settle()
            for word in ("one ", "two ", "three "):
                write(ana, word)
                await w.pass_time(1)
            assert read(bo) == "three two one " and not link.ended
            assert len(tried) == 1 and "Traceback" in caplog.text

    asyncio.run(story())


def test_a_log_that_fails_in_a_way_nobody_foresaw_counts_as_one_that_fails(caplog):
    class Buggy(MemoryLog):
        broken = False

        async def append(self, batch):
            if self.broken:
                bug()
            await super().append(batch)

    async def story():
        log = Buggy()
        async with world(log) as w:
            ana, link = w.peer("ana")
            bo, _ = w.peer("bo")
            await w.settle()
            log.broken = True
            write(ana, "kept ")
            await w.settle()
            assert read(bo) == "kept " and w.hub.status()["store_failing"]
            log.broken = False
            await w.pass_time(2)
            assert w.noticed(NoticeKind.STORE_RECOVERED) and not link.ended
            assert "Traceback" in caplog.text
        async with world(log) as w:
            cat, _ = w.peer("cat")
            await w.settle()
            assert read(cat) == "kept "

    asyncio.run(story())


def test_a_link_that_cannot_be_closed_keeps_no_room_from_closing(monkeypatch):
    async def story():
        async with world() as w:
            _, link = w.peer("ana")
            _, other = w.peer("bo")
            await w.settle()
            monkeypatch.setattr(link, "end", bug)
            await w.hub.renew(room_id())
            assert other.ended and not w.hub.is_open(room_id())

    asyncio.run(story())
