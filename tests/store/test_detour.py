"""Rules of jupyter_rtc.store.detour."""

import asyncio

import pytest

from jupyter_rtc.errors import StoreUnavailable
from jupyter_rtc.store.detour import Detour
from jupyter_rtc.store.log import Append, Entry, Snapshot, StoredMark
from jupyter_rtc.store.memory import MemoryLog
from jupyter_rtc.testing import LogContract

ROOM, OTHER = "app:room", "app:other"


class TestDetour(LogContract):
    """With nothing led around it."""

    def make_log(self, place):
        return Detour(MemoryLog())

    def reopen(self, log, place):
        return log


class Blocked(MemoryLog):
    """A store that can be neither read nor written while ``blocked``, or after so many writes."""

    blocked = False
    writes_left = None

    async def read(self, room, upto=None):
        self._check()
        return await super().read(room, upto)

    async def begin(self, room, epoch):
        self._check_write()
        await super().begin(room, epoch)

    async def append(self, batch):
        self._check_write()
        await super().append(batch)

    async def mark(self, room, epoch, marks):
        self._check_write()
        await super().mark(room, epoch, marks)

    def _check(self):
        if self.blocked:
            raise StoreUnavailable("The disk is away.")

    def _check_write(self):
        self._check()
        if self.writes_left == 0:
            raise StoreUnavailable("The disk is full.")
        if self.writes_left is not None:
            self.writes_left -= 1


def entries(*seqs):
    return [Entry(seq, b"%d" % seq) for seq in seqs]


def run(story):
    async def with_log():
        store = Blocked()
        log = Detour(store)
        await log.open()
        await story(log, store)

    asyncio.run(with_log())


async def write_all(log, epoch="ours"):
    """A history with a marked snapshot, a newer one, and updates after it."""
    await log.append([Append(ROOM, epoch, entries(1, 2, 3, 4))])
    await log.mark(ROOM, epoch, {"saved": StoredMark(2, "note")})
    await log.compact(ROOM, epoch, [Snapshot(2, b"two"), Snapshot(3, b"three")], 3)
    await log.append([Append(ROOM, epoch, entries(5))])
    await log.mark(ROOM, epoch, {"saving": StoredMark(5, "")})


def test_what_is_led_around_does_not_touch_the_store_and_other_rooms_go_through():
    async def story(log, store):
        await log.around(ROOM, "ours")
        await log.begin(OTHER, "other")
        await log.append([Append(ROOM, "ours", entries(1)), Append(OTHER, "other", entries(7))])
        assert await store.read(ROOM) is None
        assert (await log.read(ROOM)).last_seq == 1 and (await store.read(OTHER)).last_seq == 7
        assert [one.room for one in await log.rooms()] == [OTHER, ROOM]

    run(story)


def test_a_room_goes_back_whole_with_its_marks_and_goes_on_in_the_store():
    async def story(log, store):
        await log.around(ROOM, "ours")
        await write_all(log)
        before = [await log.read(ROOM), await log.read(ROOM, 2)]
        assert await log.back(ROOM) and not log.leads(ROOM)
        assert [await store.read(ROOM), await store.read(ROOM, 2)] == before
        await log.append([Append(ROOM, "ours", entries(6))])
        assert (await store.read(ROOM)).last_seq == 6

    run(story)


def test_the_state_before_the_first_change_goes_back_as_any_other():
    async def story(log, store):
        await log.around(ROOM, "ours")
        await log.append([Append(ROOM, "ours", entries(1, 2))])
        await log.mark(ROOM, "ours", {"saved": StoredMark(0, "")})
        await log.compact(ROOM, "ours", [Snapshot(0, b"none"), Snapshot(2, b"two")], 2)
        before = [await log.read(ROOM), await log.read(ROOM, 0)]
        assert await log.back(ROOM)
        assert [await store.read(ROOM), await store.read(ROOM, 0)] == before

    run(story)


@pytest.mark.parametrize("writes", range(7))
def test_a_store_that_fails_on_the_way_back_loses_nothing_and_is_tried_again(writes):
    async def story(log, store):
        await log.around(ROOM, "ours")
        await write_all(log)
        before = await log.read(ROOM)
        store.writes_left = writes
        try:
            assert await log.back(ROOM)
        except StoreUnavailable:
            assert log.leads(ROOM) and await log.read(ROOM) == before
        store.writes_left = None
        if log.leads(ROOM):
            assert await log.back(ROOM)
        assert await store.read(ROOM) == before

    run(story)


def test_a_history_in_the_store_that_nobody_read_is_not_replaced_but_one_that_was_given_up_is():
    async def story(log, store):
        await log.begin(ROOM, "theirs")
        await log.append([Append(ROOM, "theirs", entries(1, 2))])
        await log.around(ROOM, "ours", unread=True)
        await write_all(log)
        assert log.hides(ROOM) and not await log.back(ROOM) and log.leads(ROOM)
        assert (await store.read(ROOM)).epoch == "theirs"
        await log.abandon(ROOM)
        assert not log.hides(ROOM) and (await log.read(ROOM)).epoch == "theirs"
        await log.around(ROOM, "ours", given_up="theirs")
        await write_all(log)
        assert not log.hides(ROOM) and await log.back(ROOM)
        assert (await store.read(ROOM)).epoch == "ours"

    run(story)


def test_a_history_that_was_given_up_is_kept_aside_when_another_goes_back_in_its_place():
    async def story(log, store):
        salvaged = []

        async def salvage(*given):
            salvaged.append(given)
            await MemoryLog.salvage(store, *given)

        store.salvage = salvage
        await log.begin(ROOM, "theirs")
        await log.around(ROOM, "ours", given_up="theirs")
        await write_all(log)
        before = await log.read(ROOM)
        assert await log.back(ROOM)
        assert salvaged == [(ROOM, "ours", 0)] and await store.read(ROOM) == before

    run(story)


@pytest.mark.parametrize("writes", [None, *range(8)])
def test_a_history_in_memory_that_was_given_up_goes_into_the_store_and_is_kept_aside_there(writes):
    async def story(log, store):
        aside = []

        async def salvage(room, epoch, upto=None):
            aside.append(await MemoryLog.read(store, room))
            await MemoryLog.salvage(store, room, epoch, upto)

        store.salvage = salvage
        await log.around(ROOM, "ours")
        await write_all(log)
        given_up = await log.read(ROOM)
        await log.salvage(ROOM, "new", 0)
        await log.append([Append(ROOM, "new", entries(1))])
        await log.mark(ROOM, "new", {"saved": StoredMark(1, "note")})
        before = await log.read(ROOM)
        assert before.epoch == "new" and before.last_seq == 1
        store.writes_left = writes
        try:
            assert await log.back(ROOM)
        except StoreUnavailable:
            store.writes_left = None
            assert log.leads(ROOM) and await log.back(ROOM)
        assert await store.read(ROOM) == before
        (kept,) = [one for one in aside if one.epoch == given_up.epoch]  # once: only the newest few are kept aside
        assert (kept.snapshot, kept.entries) == (given_up.snapshot, given_up.entries)

    run(story)


def test_a_history_can_go_back_instead_of_one_that_nobody_read():
    async def story(log, store):
        await log.begin(ROOM, "theirs")
        await log.around(ROOM, "ours", unread=True)
        await write_all(log)
        before = await log.read(ROOM)
        assert await log.back(ROOM, instead=True)
        assert await store.read(ROOM) == before

    run(story)


def test_what_is_written_while_a_room_goes_back_comes_after_it():
    async def story(log, store):
        await log.around(ROOM, "ours")
        await log.append([Append(ROOM, "ours", entries(1))])
        store.gate = asyncio.Event()

        async def slow_read(room, upto=None):
            await store.gate.wait()
            return await MemoryLog.read(store, room, upto)

        store.read = slow_read
        going = asyncio.create_task(log.back(ROOM))
        await asyncio.sleep(0)
        writing = asyncio.create_task(log.append([Append(ROOM, "ours", entries(2))]))
        marking = asyncio.create_task(log.mark(ROOM, "ours", {"saved": StoredMark(1, "")}))
        await asyncio.sleep(0)
        store.gate.set()
        await asyncio.gather(going, writing, marking)
        history = await store.read(ROOM)
        assert [one.seq for one in history.entries] == [1, 2] and set(history.marks) == {"saved"}

    run(story)


def test_a_room_that_was_abandoned_while_it_was_to_go_back_has_nothing_to_go_back():
    async def story(log, store):
        await log.around(ROOM, "ours")
        await log.abandon(ROOM)
        assert await log.back(ROOM)
        await log.around(ROOM, "ours")
        going = [asyncio.create_task(log.back(ROOM)) for _ in range(2)]
        assert await asyncio.gather(*going) == [True, True]
        assert (await store.read(ROOM)).epoch == "ours"

    run(story)


def test_a_store_that_fails_as_a_whole_does_not_keep_from_writing_what_is_led_around():
    async def story(log, store):
        store.blocked = True
        await log.around(ROOM, "ours", unread=True)
        await write_all(log)
        with pytest.raises(StoreUnavailable):
            await log.back(ROOM)
        with pytest.raises(StoreUnavailable):
            await log.read(OTHER)
        assert (await log.read(ROOM)).last_seq == 5 and log.rooms_around == [ROOM]

    run(story)
