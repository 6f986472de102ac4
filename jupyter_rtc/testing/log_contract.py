"""What every log promises, as tests: subclass ``LogContract``, give a factory, and pytest runs them.

::

    class TestMyLog(LogContract):
        def make_log(self, place):
            return MyLog(place / "log")

Each test gets its own empty folder as ``place``. ``reopen`` stands for a restart of the server: a log whose
content does not outlive the object returns the same object there. (The module is long because whoever writes a log
subclasses one class.)
"""

# ruff: noqa: D102  a test's name is its sentence

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

from ..errors import StoreError, StoreUnavailable
from ..ids import Epoch, RoomId
from ..store.log import Append, Entry, History, Log, RoomSize, Snapshot, StoredMark

ROOM = RoomId("app:one")
OTHER = RoomId("json:notebook:tŵo/ 🐍")
EPOCH = Epoch("first")
LATER = Epoch("second")


def entries(*seqs: int) -> list[Entry]:
    """Return updates with these numbers; each holds its number."""
    return [Entry(seq, b"update %d" % seq) for seq in seqs]


def append(*seqs: int, room: RoomId = ROOM, epoch: Epoch = EPOCH) -> Append:
    """Return an append of updates with these numbers."""
    return Append(room, epoch, entries(*seqs))


async def refused(call: Awaitable[object], error: type[StoreError] = StoreError) -> None:
    """Fail unless the call raises this error, with words."""
    try:
        await call
    except error as raised:
        assert " " in raised.words, "an error speaks in words"
    else:
        raise AssertionError(f"{error.__name__} was not raised")


class LogContract:
    """The tests that every ``Log`` passes."""

    def make_log(self, place: Path) -> Log:
        """Return a new, closed log that keeps what it keeps in this empty folder."""
        raise NotImplementedError

    def reopen(self, log: Log, place: Path) -> Log:
        """Return a log with what the (closed) log had in this folder."""
        return self.make_log(place)

    def _run(self, place: Path, story: Callable[[Log], Coroutine[Any, Any, None]]) -> None:
        """Run a story with an open log that has one empty room."""

        async def with_log() -> None:
            log = self.make_log(place)
            await log.open()
            try:
                await log.begin(ROOM, EPOCH)
                await story(log)
            finally:
                await log.close()

        asyncio.run(with_log())

    # --- reading and appending ---------------------------------------------------------------------------

    def test_an_unknown_room_has_no_history(self, tmp_path: Path) -> None:
        async def story(log: Log) -> None:
            assert await log.read(OTHER) is None
            assert await log.read(OTHER, 7) is None

        self._run(tmp_path, story)

    def test_a_begun_room_has_an_empty_history(self, tmp_path: Path) -> None:
        async def story(log: Log) -> None:
            assert await log.read(ROOM) == History(EPOCH, None, (), {})

        self._run(tmp_path, story)

    def test_what_was_appended_is_read_in_order_and_byte_for_byte(self, tmp_path: Path) -> None:
        async def story(log: Log) -> None:
            update = bytes(range(256)) * 500
            await log.append([append(1, 2)])
            await log.append([Append(ROOM, EPOCH, [Entry(3, update), Entry(4, b"")])])
            history = await log.read(ROOM)
            assert history is not None
            assert history.entries == (*entries(1, 2), Entry(3, update), Entry(4, b""))
            assert history.last_seq == 4

        self._run(tmp_path, story)

    def test_numbers_may_have_gaps(self, tmp_path: Path) -> None:
        async def story(log: Log) -> None:
            await log.append([append(5, 90)])
            await log.append([append(2**53 - 1)])
            history = await log.read(ROOM)
            assert history is not None and [entry.seq for entry in history.entries] == [5, 90, 2**53 - 1]

        self._run(tmp_path, story)

    def test_numbers_that_do_not_grow_are_refused(self, tmp_path: Path) -> None:
        async def story(log: Log) -> None:
            await log.append([append(5)])
            for late in (append(5), append(4), append(7, 6), append(8, 8)):
                await refused(log.append([late]))
            await refused(log.append([append(9), append(9)]))
            assert await _numbers(log) == [5]

        self._run(tmp_path, story)

    def test_one_batch_may_name_a_room_several_times(self, tmp_path: Path) -> None:
        async def story(log: Log) -> None:
            await log.append([append(1), append(2, 3)])
            assert await _numbers(log) == [1, 2, 3]

        self._run(tmp_path, story)

    def test_nothing_may_be_appended(self, tmp_path: Path) -> None:
        async def story(log: Log) -> None:
            await log.append([])
            await log.append([append()])
            assert await _numbers(log) == []

        self._run(tmp_path, story)

    def test_a_batch_of_several_rooms_is_all_or_nothing(self, tmp_path: Path) -> None:
        async def story(log: Log) -> None:
            await log.begin(OTHER, EPOCH)
            await log.append([append(1), append(1, room=OTHER)])
            await refused(log.append([append(2), append(1, room=OTHER)]))
            await refused(log.append([append(2), append(2, room=OTHER, epoch=LATER)]))
            assert await _numbers(log) == [1]
            assert await _numbers(log, OTHER) == [1]

        self._run(tmp_path, story)

    def test_appends_that_are_made_at_once_keep_their_order(self, tmp_path: Path) -> None:
        async def story(log: Log) -> None:
            async with asyncio.TaskGroup() as tasks:
                for seq in range(1, 101):
                    tasks.create_task(log.append([append(seq)]))
            assert await _numbers(log) == list(range(1, 101))

        self._run(tmp_path, story)

    def test_a_refused_append_does_not_harm_those_beside_it(self, tmp_path: Path) -> None:
        async def story(log: Log) -> None:
            results = await asyncio.gather(
                *(log.append([append(seq)]) for seq in (1, 2, 2, 3, 1, 4)), return_exceptions=True
            )
            assert [isinstance(result, StoreError) for result in results] == [
                False,
                False,
                True,
                False,
                True,
                False,
            ]
            assert await _numbers(log) == [1, 2, 3, 4]

        self._run(tmp_path, story)

    def test_reading_up_to_a_number_gives_all_up_to_it(self, tmp_path: Path) -> None:
        async def story(log: Log) -> None:
            await log.append([append(1, 3, 5)])
            for upto, numbers in ((0, []), (1, [1]), (2, [1]), (3, [1, 3]), (5, [1, 3, 5]), (99, [1, 3, 5])):
                history = await log.read(ROOM, upto)
                assert history is not None and [entry.seq for entry in history.entries] == numbers

        self._run(tmp_path, story)

    # --- epochs ------------------------------------------------------------------------------------------

    def test_writing_to_a_room_that_was_never_begun_is_refused(self, tmp_path: Path) -> None:
        async def story(log: Log) -> None:
            await refused(log.append([append(1, room=OTHER)]))
            await refused(log.mark(OTHER, EPOCH, {"saved": StoredMark(0, "")}))
            await refused(log.compact(OTHER, EPOCH, [Snapshot(0, b"")], 0))
            assert await log.read(OTHER) is None

        self._run(tmp_path, story)

    def test_a_late_writer_of_a_given_up_history_changes_nothing(self, tmp_path: Path) -> None:
        async def story(log: Log) -> None:
            await log.append([append(1)])
            await log.begin(ROOM, LATER)
            await refused(log.append([append(2)]))
            await refused(log.mark(ROOM, EPOCH, {"saved": StoredMark(1, "")}))
            await refused(log.compact(ROOM, EPOCH, [Snapshot(1, b"all")], 1))
            assert await log.read(ROOM) == History(LATER, None, (), {})

        self._run(tmp_path, story)

    def test_beginning_anew_drops_updates_snapshots_and_marks_of_this_room_alone(self, tmp_path: Path) -> None:
        async def story(log: Log) -> None:
            await log.begin(OTHER, EPOCH)
            for room in (ROOM, OTHER):
                await log.append([append(1, 2, 3, room=room)])
                await log.compact(room, EPOCH, [Snapshot(2, b"two")], 2)
                await log.mark(room, EPOCH, {"saved": StoredMark(2, "note")})
            await log.begin(ROOM, LATER)
            assert await log.read(ROOM) == History(LATER, None, (), {})
            kept = await log.read(OTHER)
            assert kept == History(EPOCH, Snapshot(2, b"two"), (*entries(3),), {"saved": StoredMark(2, "note")})
            await log.append([append(1, epoch=LATER)])
            assert await _numbers(log) == [1]

        self._run(tmp_path, story)

    # --- marks -------------------------------------------------------------------------------------------

    def test_marks_are_set_replaced_and_dropped_together(self, tmp_path: Path) -> None:
        async def story(log: Log) -> None:
            await log.append([append(1, 2)])
            await log.mark(ROOM, EPOCH, {"saved": StoredMark(1, '{"é": 1}'), "saving": StoredMark(2, "")})
            await log.mark(ROOM, EPOCH, {"saved": StoredMark(2, "b"), "saving": None, "unknown": None})
            assert await _marks(log) == {"saved": StoredMark(2, "b")}

        self._run(tmp_path, story)

    def test_reading_up_to_a_number_gives_the_marks_up_to_it(self, tmp_path: Path) -> None:
        async def story(log: Log) -> None:
            await log.append([append(1, 2)])
            marks = {"early": StoredMark(1, ""), "late": StoredMark(2, "")}
            await log.mark(ROOM, EPOCH, marks)
            history = await log.read(ROOM, 1)
            assert history is not None and set(history.marks) == {"early"}
            assert await _marks(log) == marks

        self._run(tmp_path, story)

    def test_a_mark_at_a_state_that_was_dropped_is_refused(self, tmp_path: Path) -> None:
        async def story(log: Log) -> None:
            await log.append([append(1, 2, 3)])
            await log.compact(ROOM, EPOCH, [Snapshot(3, b"three")], 3)
            await refused(log.mark(ROOM, EPOCH, {"fine": StoredMark(3, ""), "gone": StoredMark(2, "")}))
            assert await _marks(log) == {}

        self._run(tmp_path, story)

    # --- compaction --------------------------------------------------------------------------------------

    def test_compaction_replaces_what_is_below_and_keeps_what_is_above(self, tmp_path: Path) -> None:
        async def story(log: Log) -> None:
            await log.append([append(1, 2, 3, 4)])
            await log.compact(ROOM, EPOCH, [Snapshot(1, b"one"), Snapshot(3, b"three")], 3)
            assert await log.read(ROOM) == History(EPOCH, Snapshot(3, b"three"), (*entries(4),), {})
            assert await log.read(ROOM, 3) == History(EPOCH, Snapshot(3, b"three"), (), {})
            assert await log.read(ROOM, 1) == History(EPOCH, Snapshot(1, b"one"), (), {})
            for dropped in (0, 2):
                await refused(log.read(ROOM, dropped))
            await log.append([append(5)])
            assert await _numbers(log) == [4, 5]

        self._run(tmp_path, story)

    def test_numbers_go_on_after_a_compaction_of_everything(self, tmp_path: Path) -> None:
        async def story(log: Log) -> None:
            await log.append([append(1, 2)])
            await log.compact(ROOM, EPOCH, [Snapshot(2, b"two")], 2)
            await refused(log.append([append(2)]))
            await log.append([append(3)])
            history = await log.read(ROOM)
            assert history == History(EPOCH, Snapshot(2, b"two"), (*entries(3),), {})

        self._run(tmp_path, story)

    def test_a_later_compaction_drops_earlier_snapshots(self, tmp_path: Path) -> None:
        async def story(log: Log) -> None:
            await log.append([append(1, 2, 3)])
            await log.compact(ROOM, EPOCH, [Snapshot(1, b"one")], 1)
            await log.compact(ROOM, EPOCH, [Snapshot(3, b"three")], 3)
            await refused(log.read(ROOM, 1))
            assert (await _size(log)).snapshot_bytes == len(b"three")

        self._run(tmp_path, story)

    def test_a_marked_snapshot_outlives_later_compactions_until_its_mark_moves(self, tmp_path: Path) -> None:
        async def story(log: Log) -> None:
            await log.append([append(1, 2, 3, 4)])
            await log.mark(ROOM, EPOCH, {"saved": StoredMark(1, "")})
            await log.compact(ROOM, EPOCH, [Snapshot(1, b"one"), Snapshot(2, b"two")], 2)
            await log.compact(ROOM, EPOCH, [Snapshot(3, b"three")], 3)
            history = await log.read(ROOM, 1)
            assert history is not None and history.snapshot == Snapshot(1, b"one")
            await log.mark(ROOM, EPOCH, {"saved": StoredMark(4, "")})
            await log.compact(ROOM, EPOCH, [Snapshot(4, b"four")], 4)
            await refused(log.read(ROOM, 1))
            await refused(log.read(ROOM, 3))

        self._run(tmp_path, story)

    def test_a_compaction_that_would_drop_a_marked_state_is_refused(self, tmp_path: Path) -> None:
        async def story(log: Log) -> None:
            await log.append([append(1, 2, 3)])
            await log.mark(ROOM, EPOCH, {"saved": StoredMark(2, "")})
            before = await log.read(ROOM)
            await refused(log.compact(ROOM, EPOCH, [Snapshot(3, b"three")], 3))
            assert await log.read(ROOM) == before

        self._run(tmp_path, story)

    def test_an_impossible_compaction_is_refused_and_changes_nothing(self, tmp_path: Path) -> None:
        async def story(log: Log) -> None:
            await log.append([append(1, 2, 3)])
            await log.compact(ROOM, EPOCH, [Snapshot(2, b"two")], 2)
            before = await log.read(ROOM)
            two, three = Snapshot(2, b"2"), Snapshot(3, b"3")
            for snapshots, upto in (([], 3), ([three], 2), ([three, two], 2), ([three, three], 3)):
                await refused(log.compact(ROOM, EPOCH, snapshots, upto))
            await refused(log.compact(ROOM, EPOCH, [Snapshot(1, b"back")], 1))
            await refused(log.compact(ROOM, EPOCH, [Snapshot(4, b"ahead")], 4))
            assert await log.read(ROOM) == before

        self._run(tmp_path, story)

    # --- salvaging ---------------------------------------------------------------------------------------

    def test_what_is_salvaged_of_a_sound_history_is_all_of_it_under_another_epoch(self, tmp_path: Path) -> None:
        async def story(log: Log) -> None:
            await log.append([append(1, 2, 3)])
            marks = {"early": StoredMark(1, "e"), "saved": StoredMark(3, "s")}
            await log.mark(ROOM, EPOCH, marks)
            await log.compact(ROOM, EPOCH, [Snapshot(1, b"one"), Snapshot(2, b"two")], 2)
            await log.salvage(ROOM, LATER)
            assert await log.read(ROOM) == History(LATER, Snapshot(2, b"two"), (*entries(3),), marks)
            early = await log.read(ROOM, 1)
            assert early is not None and early.snapshot == Snapshot(1, b"one")
            await refused(log.append([append(4)]))
            await log.append([append(4, epoch=LATER)])
            assert await _numbers(log) == [3, 4]

        self._run(tmp_path, story)

    def test_what_is_salvaged_ends_at_the_number_that_is_given(self, tmp_path: Path) -> None:
        async def story(log: Log) -> None:
            await log.begin(OTHER, EPOCH)
            await log.append([append(1, 2, 4), append(1, room=OTHER)])
            await log.mark(ROOM, EPOCH, {"within": StoredMark(2, ""), "after": StoredMark(4, "")})
            await log.salvage(ROOM, LATER, 3)
            assert await log.read(ROOM) == History(LATER, None, (*entries(1, 2),), {"within": StoredMark(2, "")})
            assert await _numbers(log, OTHER) == [1]
            await log.salvage(ROOM, EPOCH, 0)
            assert await log.read(ROOM) == History(EPOCH, None, (), {})

        self._run(tmp_path, story)

    def test_what_is_salvaged_never_rests_on_a_snapshot_that_may_not_be_used(self, tmp_path: Path) -> None:
        async def story(log: Log) -> None:
            await log.append([append(1, 2, 3, 4)])
            await log.mark(ROOM, EPOCH, {"saved": StoredMark(2, "")})
            await log.compact(ROOM, EPOCH, [Snapshot(2, b"two"), Snapshot(3, b"three")], 3)
            await log.salvage(ROOM, LATER, 2)
            assert await log.read(ROOM) == History(LATER, Snapshot(2, b"two"), (), {"saved": StoredMark(2, "")})
            await log.salvage(ROOM, EPOCH, 1)
            assert await log.read(ROOM) == History(EPOCH, None, (), {})

        self._run(tmp_path, story)

    def test_the_state_before_the_first_change_is_salvaged_as_any_other(self, tmp_path: Path) -> None:
        async def story(log: Log) -> None:
            await log.append([append(1, 2)])
            await log.mark(ROOM, EPOCH, {"saved": StoredMark(0, "")})
            await log.compact(ROOM, EPOCH, [Snapshot(0, b"none"), Snapshot(2, b"two")], 2)
            await log.salvage(ROOM, LATER)
            assert await log.read(ROOM) == History(LATER, Snapshot(2, b"two"), (), {"saved": StoredMark(0, "")})
            await log.salvage(ROOM, EPOCH, 1)
            assert await log.read(ROOM) == History(EPOCH, Snapshot(0, b"none"), (), {"saved": StoredMark(0, "")})

        self._run(tmp_path, story)

    def test_of_a_room_without_a_history_nothing_is_salvaged(self, tmp_path: Path) -> None:
        async def story(log: Log) -> None:
            await log.salvage(OTHER, LATER)
            assert await log.read(OTHER) == History(LATER, None, (), {})

        self._run(tmp_path, story)

    # --- attempts, sizes, forgetting ---------------------------------------------------------------------

    def test_attempts_to_load_are_counted_until_settled(self, tmp_path: Path) -> None:
        async def story(log: Log) -> None:
            assert [await log.attempt(OTHER) for _ in range(3)] == [1, 2, 3]
            await log.begin(OTHER, EPOCH)
            assert await log.attempt(OTHER) == 4
            assert await log.attempt(ROOM) == 1
            assert [await log.attempts(room) for room in (OTHER, ROOM)] == [4, 1]
            await log.settled(OTHER)
            await log.settled(OTHER)
            assert [await log.attempts(room) for room in (OTHER, ROOM)] == [0, 1]
            assert await log.attempt(OTHER) == 1

        self._run(tmp_path, story)

    def test_sizes_are_told_for_each_room(self, tmp_path: Path) -> None:
        async def story(log: Log) -> None:
            await log.begin(OTHER, LATER)
            await log.append([append(1, 2, 3)])
            await log.compact(ROOM, EPOCH, [Snapshot(1, b"one"), Snapshot(2, b"two..")], 2)
            sizes = {size.room: size for size in await log.rooms()}
            assert sizes == {
                ROOM: RoomSize(ROOM, EPOCH, 3, 1, len(b"update 3"), len(b"onetwo..")),
                OTHER: RoomSize(OTHER, LATER, 0, 0, 0, 0),
            }

        self._run(tmp_path, story)

    def test_a_forgotten_room_is_unknown(self, tmp_path: Path) -> None:
        async def story(log: Log) -> None:
            await log.append([append(1)])
            await log.attempt(ROOM)
            await log.forget(ROOM)
            await log.forget(OTHER)
            assert await log.read(ROOM) is None
            assert await log.rooms() == []
            assert await log.attempt(ROOM) == 1
            await refused(log.append([append(2)]))

        self._run(tmp_path, story)

    # --- whose bytes these are ---------------------------------------------------------------------------

    def test_what_was_returned_belongs_to_the_caller(self, tmp_path: Path) -> None:
        async def story(log: Log) -> None:
            await log.append([append(1)])
            await log.mark(ROOM, EPOCH, {"saved": StoredMark(1, "")})
            early = await log.read(ROOM)
            await log.append([append(2)])
            await log.mark(ROOM, EPOCH, {"saved": StoredMark(2, "")})
            assert early == History(EPOCH, None, (*entries(1),), {"saved": StoredMark(1, "")})

        self._run(tmp_path, story)

    # --- how long it keeps ------------------------------------------------------------------------------

    def test_a_log_that_was_chosen_keeps_what_is_written(self, tmp_path: Path) -> None:
        async def story(log: Log) -> None:
            assert log.unkept == "", "only what stands in for another log has a reason to give"

        self._run(tmp_path, story)

    # --- opening and closing -----------------------------------------------------------------------------

    def test_constructing_opens_nothing(self, tmp_path: Path) -> None:
        log = self.make_log(tmp_path)
        assert list(tmp_path.iterdir()) == []
        asyncio.run(log.close())

    def test_a_log_that_is_not_open_is_unavailable(self, tmp_path: Path) -> None:
        async def story(log: Log) -> None:
            await log.close()
            await refused(log.read(ROOM), StoreUnavailable)
            await refused(log.append([append(1)]), StoreUnavailable)
            await refused(log.begin(ROOM, LATER), StoreUnavailable)
            await refused(log.salvage(ROOM, LATER), StoreUnavailable)
            await refused(log.mark(ROOM, EPOCH, {}), StoreUnavailable)
            await refused(log.compact(ROOM, EPOCH, [Snapshot(0, b"")], 0), StoreUnavailable)
            await refused(log.attempt(ROOM), StoreUnavailable)
            await refused(log.attempts(ROOM), StoreUnavailable)
            await refused(log.settled(ROOM), StoreUnavailable)
            await refused(log.rooms(), StoreUnavailable)
            await refused(log.forget(ROOM), StoreUnavailable)

        self._run(tmp_path, story)

    def test_opening_and_closing_twice_is_as_once(self, tmp_path: Path) -> None:
        async def story(log: Log) -> None:
            await log.open()
            await log.append([append(1)])
            await log.close()
            await log.close()

        self._run(tmp_path, story)

    def test_all_is_there_after_closing_and_opening_again(self, tmp_path: Path) -> None:
        kept: list[object] = []

        async def write() -> Log:
            log = self.make_log(tmp_path)
            await log.open()
            await log.begin(ROOM, EPOCH)
            await log.append([append(1, 2, 3)])
            await log.mark(ROOM, EPOCH, {"saved": StoredMark(2, "note")})
            await log.compact(ROOM, EPOCH, [Snapshot(2, b"two")], 2)
            await log.attempt(OTHER)
            kept.extend([await log.read(ROOM), await log.rooms()])
            await log.close()
            return log

        async def check(log: Log) -> None:
            await log.open()
            assert [await log.read(ROOM), await log.rooms()] == kept
            assert await log.attempts(OTHER) == 1
            assert await log.attempt(OTHER) == 2
            await log.append([append(4)])
            assert await _numbers(log) == [3, 4]
            await log.close()

        log = asyncio.run(write())
        asyncio.run(check(self.reopen(log, tmp_path)))

    def test_closing_finishes_what_was_begun(self, tmp_path: Path) -> None:
        async def write(log: Log) -> list[object]:
            await log.open()
            await log.begin(ROOM, EPOCH)
            pending = [asyncio.ensure_future(log.append([append(seq)])) for seq in range(1, 51)]
            await asyncio.sleep(0)
            await log.close()
            return [*await asyncio.gather(*pending, return_exceptions=True)]

        async def check(log: Log, results: list[object]) -> None:
            await log.open()
            assert await _numbers(log) == [seq for seq, result in enumerate(results, 1) if result is None]
            await log.close()

        log = self.make_log(tmp_path)
        results = asyncio.run(write(log))
        asyncio.run(check(self.reopen(log, tmp_path), results))


async def _numbers(log: Log, room: RoomId = ROOM) -> list[int]:
    history = await log.read(room)
    assert history is not None
    return [entry.seq for entry in history.entries]


async def _marks(log: Log) -> dict[str, StoredMark]:
    history = await log.read(ROOM)
    assert history is not None
    return dict(history.marks)


async def _size(log: Log) -> RoomSize:
    return next(size for size in await log.rooms() if size.room == ROOM)
