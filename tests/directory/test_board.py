"""Rules of jupyter_rtc.directory.board."""

import asyncio
import time
from contextlib import asynccontextmanager

from jupyter_rtc.directory import board, growth
from jupyter_rtc.directory.board import BATCH, PAUSE, Board
from jupyter_rtc.errors import DocumentUnavailable
from jupyter_rtc.ids import DIRECTORY
from jupyter_rtc.notices import Notice, NoticeKind
from jupyter_rtc.supernode.clock import SystemClock
from jupyter_rtc.tables import Datastore
from jupyter_rtc.tables.jupyter import SERVER

from ..relay.world import world
from .world import Shelf, until

KERNEL = {"name": "python3", "execution_state": "idle"}


class Things:
    """Two tables' sources, and a board that shows them."""

    def __init__(self):
        self.kernels, self.terminals = {}, {}
        self.asked = 0
        self.shelf = Shelf()
        self.board = Board(self.shelf, SystemClock())
        self.look = self.board.show("kernels", self.kernel_rows)
        self.look_at_terminals = self.board.show("terminals", self.terminal_rows, after="kernels")

    async def kernel_rows(self):
        self.asked += 1
        return {key: dict(row) for key, row in self.kernels.items()}

    async def terminal_rows(self):
        if self.terminals is None:
            raise OSError("no terminals")
        return self.terminals

    @property
    def room(self):
        return self.shelf.rooms[DIRECTORY]

    def rows(self, table):
        return Datastore(self.room.ydoc, SERVER)[table].as_dict()


@asynccontextmanager
async def showing():
    things = Things()
    await things.board.open()
    try:
        yield things
    finally:
        await things.board.close()
    assert not things.room.open


async def test_a_table_follows_its_source_whenever_something_says_look_again():
    async with showing() as things:
        things.kernels["k"] = KERNEL
        things.look(0)
        await until(lambda: things.rows("kernels").get("k", {}).get("execution_state") == "idle")
        things.kernels = {"k": {**KERNEL, "execution_state": "busy"}, "l": KERNEL}
        things.look(0)
        await until(lambda: len(things.rows("kernels")) == 2)
        assert things.rows("kernels")["k"]["execution_state"] == "busy"
        things.kernels = {}
        things.look(0)
        await until(lambda: not things.rows("kernels"))


async def test_what_happens_within_a_few_milliseconds_is_one_change_and_nothing_new_is_none():
    async with showing() as things:
        await things.board.refresh("kernels")
        before, asked = things.room.revision, things.asked
        for number in range(20):
            things.kernels[str(number)] = KERNEL
            things.look(0.001)
        things.terminals["1"] = {"last_activity": 5.0}
        things.look_at_terminals(0.001)
        await until(lambda: len(things.rows("kernels")) == 20 and things.rows("terminals"))
        assert things.room.revision == before + 1 and things.asked <= asked + 2
        await things.board.refresh("kernels")
        assert things.room.revision == before + 1


async def test_a_table_that_changes_all_the_time_is_shown_some_times_a_second():
    async with showing() as things:
        await until(lambda: things.asked)
        before, began = things.asked, time.monotonic()
        while time.monotonic() < began + 6 * PAUSE:
            things.kernels["k"] = {**KERNEL, "last_activity": time.monotonic()}
            things.look(0)
            await asyncio.sleep(0)
        assert things.asked - before <= (time.monotonic() - began) / PAUSE + 1
        last = things.kernels["k"]["last_activity"]
        await until(lambda: things.rows("kernels")["k"]["last_activity"] == last)


async def test_a_source_that_fails_leaves_its_table_as_it_was_and_the_others_go_on():
    async with showing() as things:
        things.terminals["1"] = {"last_activity": None}
        await things.board.refresh("terminals")
        things.terminals = None
        things.look_at_terminals(0)
        things.kernels["k"] = KERNEL
        things.look(0)
        await until(lambda: things.rows("kernels"))
        assert list(things.rows("terminals")) == ["1"]


async def test_a_row_that_cannot_be_shown_keeps_no_other_from_being_shown():
    async with showing() as things:
        things.kernels = {"bad": {"name": 7}, "good": KERNEL}
        things.look(0)
        await until(lambda: "good" in things.rows("kernels"))
        assert "bad" not in things.rows("kernels")


async def test_a_room_that_failed_is_filled_anew():
    async with showing() as things:
        things.kernels["k"] = KERNEL
        await things.board.refresh("kernels")
        old = things.shelf.rooms.pop(DIRECTORY)
        things.board.hear(Notice(NoticeKind.ROOM_CLOSED, DIRECTORY))
        await until(lambda: DIRECTORY in things.shelf.rooms and "k" in things.rows("kernels"))
        assert not old.open


async def test_a_room_that_cannot_be_opened_again_at_once_is_tried_again(monkeypatch):
    monkeypatch.setattr(board, "RETRY", 0.02)
    async with showing() as things:
        things.kernels["k"] = KERNEL
        await things.board.refresh("kernels")
        opens, fails = things.shelf.open, [DocumentUnavailable("not now")] * 2

        async def open_room(room):
            if fails:
                raise fails.pop()
            return await opens(room)

        things.shelf.open = open_room
        things.shelf.rooms.pop(DIRECTORY)
        things.board.hear(Notice(NoticeKind.ROOM_CLOSED, DIRECTORY))
        await until(lambda: DIRECTORY in things.shelf.rooms and "k" in things.rows("kernels"))
        assert not fails


async def test_much_is_written_bit_by_bit_and_what_comes_after_it_waits():
    async with showing() as things:
        await things.board.refresh("terminals")
        before = things.room.revision
        things.kernels = {str(number): KERNEL for number in range(BATCH * 2 + 1)}
        things.terminals["1"] = {"last_activity": 5.0}
        things.look_at_terminals(0)
        await things.board.refresh("kernels")
        await until(lambda: things.rows("terminals"))
        seen = []
        for revision in range(before + 1, things.room.revision + 1):
            store = Datastore(things.room.past.document(revision), SERVER)
            seen.append((len(store["kernels"]), len(store["terminals"])))
        assert seen in (
            [(BATCH, 0), (BATCH * 2, 0), (BATCH * 2 + 1, 1)],
            [(BATCH, 0), (BATCH * 2, 0), (BATCH * 2 + 1, 0), (BATCH * 2 + 1, 1)],
        )


async def test_what_changes_while_much_is_written_is_shown_as_it_is_in_the_end():
    async with showing() as things:

        def change(_origin):
            things.kernels = {"0": {**KERNEL, "execution_state": "busy"}, "new": KERNEL}
            things.look(0)

        things.kernels = {str(number): KERNEL for number in range(BATCH * 3)}
        unwatch = things.room.watch(change)
        things.look(0)
        await until(lambda: things.asked > 1 and things.rows("kernels"))
        unwatch()
        await until(lambda: set(things.rows("kernels")) == {"0", "new"})
        assert things.rows("kernels")["0"]["execution_state"] == "busy"


async def test_a_room_that_has_outgrown_what_it_shows_is_opened_anew(monkeypatch):
    monkeypatch.setattr(growth, "LARGE", 20_000)
    async with showing() as things:
        number = 0
        while not things.shelf.renewed:
            number += 1
            assert number < 2_000
            for state in ("busy", "idle"):
                things.kernels["k"] = {**KERNEL, "execution_state": state, "last_activity": float(number)}
                await things.board.refresh("kernels")
                await asyncio.sleep(0)
        things.board.hear(Notice(NoticeKind.ROOM_CLOSED, DIRECTORY))
        await until(lambda: DIRECTORY in things.shelf.rooms and things.rows("kernels"))
        assert things.rows("kernels")["k"]["last_activity"] == number
        assert len(things.room.ydoc.get_update()) < 1_000 < len(things.shelf.renewed[0].ydoc.get_update())


async def test_who_looks_at_a_room_that_is_opened_anew_is_sent_away_and_finds_everything_when_it_comes_back(
    monkeypatch,
):
    monkeypatch.setattr(growth, "LARGE", 20_000)
    rows = {}

    async def source():
        return dict(rows)

    async with world() as w:
        one = Board(w.hub, SystemClock())
        one.show("kernels", source)
        await one.open()
        _, link = w.peer("ana", room=DIRECTORY)
        number = 0
        while not link.ended:
            number += 1
            assert number < 4_000
            rows["k"] = {**KERNEL, "execution_state": ("busy", "idle")[number % 2], "last_activity": number / 2 // 1}
            await one.refresh("kernels")
            await asyncio.sleep(0)
        one.hear(w.noticed(NoticeKind.ROOM_CLOSED)[0])
        back, _ = w.peer("ana", room=DIRECTORY)
        seen = Datastore(back.doc, SERVER)["kernels"]
        await until(lambda: "k" in seen and seen.as_dict()["k"] == {**seen.as_dict()["k"], **rows["k"]})
        await one.close()
