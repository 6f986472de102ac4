"""Whatever is done, a log in SQLite answers as the one in memory, and as it did before a restart."""

import asyncio
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from jupyter_rtc.errors import StoreError
from jupyter_rtc.store.log import Append, Entry, History, Snapshot, StoredMark
from jupyter_rtc.store.memory import MemoryLog
from jupyter_rtc.store.sqlite import SqliteLog

ROOMS = st.sampled_from(["app:a", "app:b"])
EPOCHS = st.sampled_from(["first", "second"])
SEQS = st.integers(0, 25)
UPDATES = st.binary(max_size=40)
ENTRIES = st.lists(st.builds(Entry, SEQS, UPDATES), max_size=4).map(
    lambda entries: sorted(entries, key=lambda entry: entry.seq)
)
MARKS = st.dictionaries(
    st.sampled_from(["saved", "saving"]), st.none() | st.builds(StoredMark, SEQS, st.text(max_size=5)), max_size=2
)


class LogsAgree(RuleBasedStateMachine):
    """Does the same with both logs, and compares what they answer."""

    writer = "loop"

    def __init__(self):
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.memory = MemoryLog()
        self.sqlite = SqliteLog(Path(self.folder.name) / "store.sqlite", writer=self.writer, idle=0)
        self.runner.run(self.memory.open())
        self.runner.run(self.sqlite.open())

    def teardown(self):
        self.runner.run(self.sqlite.close())
        self.runner.close()
        self.folder.cleanup()

    def both(self, method, *arguments):
        expected, answer = (
            self.runner.run(_answer(getattr(log, method)(*arguments))) for log in (self.memory, self.sqlite)
        )
        assert answer == expected

    @rule(room=ROOMS, epoch=EPOCHS)
    def begin(self, room, epoch):
        self.both("begin", room, epoch)

    @rule(batch=st.lists(st.builds(Append, ROOMS, EPOCHS, ENTRIES), max_size=3))
    def append(self, batch):
        self.both("append", batch)

    @rule(room=ROOMS, count=st.integers(1, 5), update=UPDATES)
    def append_rightly(self, room, count, update):
        history = self.runner.run(self.memory.read(room))
        if history is not None:
            entries = [Entry(history.last_seq + number, update) for number in range(1, count + 1)]
            self.both("append", [Append(room, history.epoch, entries)])

    @rule(room=ROOMS, epoch=EPOCHS, marks=MARKS)
    def mark(self, room, epoch, marks):
        self.both("mark", room, epoch, marks)

    @rule(room=ROOMS, epoch=EPOCHS, snapshots=st.lists(st.builds(Snapshot, SEQS, UPDATES), max_size=3), upto=SEQS)
    def compact(self, room, epoch, snapshots, upto):
        self.both("compact", room, epoch, snapshots, upto)

    @rule(room=ROOMS, back=st.integers(0, 4), update=UPDATES, with_marks=st.booleans())
    def compact_rightly(self, room, back, update, with_marks):
        history = self.runner.run(self.memory.read(room))
        if history is None:
            return
        upto = max(history.last_seq - back, 0)
        marked = {mark.seq for mark in history.marks.values() if mark.seq < upto} if with_marks else set()
        snapshots = [Snapshot(seq, update + b"%d" % seq) for seq in sorted({*marked, upto})]
        self.both("compact", room, history.epoch, snapshots, upto)

    @rule(room=ROOMS)
    def attempt(self, room):
        self.both("attempt", room)

    @rule(room=ROOMS)
    def attempts(self, room):
        self.both("attempts", room)

    @rule(room=ROOMS)
    def settled(self, room):
        self.both("settled", room)

    @rule(room=ROOMS)
    def forget(self, room):
        self.both("forget", room)

    @rule(room=ROOMS, upto=SEQS)
    def read(self, room, upto):
        self.both("read", room, upto)

    @rule()
    def restart(self):
        self.runner.run(self.sqlite.close())
        self.runner.run(self.sqlite.open())
        assert self.sqlite.set_aside is None

    @invariant()
    def all_is_the_same(self):
        for room in ("app:a", "app:b"):
            self.both("read", room, None)
        self.both("rooms")

    @invariant()
    def what_a_mark_names_can_be_read(self):
        for size in self.runner.run(self.memory.rooms()):
            history = self.runner.run(self.memory.read(size.room))
            for mark in history.marks.values():
                self.runner.run(self.memory.read(size.room, mark.seq))


class LogsAgreeWithAThread(LogsAgree):
    writer = "thread"


async def _answer(call):
    try:
        return await call
    except StoreError as error:
        return type(error), error.words


_SETTINGS = settings(
    max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestLogsAgree = LogsAgree.TestCase
TestLogsAgree.settings = _SETTINGS
TestLogsAgreeWithAThread = LogsAgreeWithAThread.TestCase
TestLogsAgreeWithAThread.settings = _SETTINGS


def test_the_last_number_of_a_history_is_its_last_update_s_or_its_snapshot_s():
    snapshot = Snapshot(5, b"")
    assert History("epoch", None, ()).last_seq == 0
    assert History("epoch", snapshot, ()).last_seq == 5
    assert History("epoch", snapshot, (Entry(6, b""), Entry(9, b""))).last_seq == 9
