"""Checkpoints come by themselves: seen from outside, by what is in the file and in the WAL."""

import asyncio
import time
from pathlib import Path

import pytest

from jupyter_rtc.errors import StoreUnavailable
from jupyter_rtc.store import upkeep
from jupyter_rtc.store.log import Append, Entry, Snapshot
from jupyter_rtc.store.sqlite import SqliteLog


async def until(condition, seconds=20):
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, "it did not come"
        await asyncio.sleep(0.005)


def run(path, story, **settings):
    async def with_log():
        log = SqliteLog(path, **settings)
        await log.open()
        try:
            await log.begin("a", "epoch")
            await story(log)
        finally:
            await log.close()

    asyncio.run(with_log())


def change(seq, size=10):
    return [Append("a", "epoch", [Entry(seq, b"\xab" * size)])]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "store.sqlite"


def test_when_no_change_comes_for_a_while_the_file_has_everything(path):
    async def story(log):
        await log.append(change(1, 1000))
        assert b"\xab" * 500 not in path.read_bytes()
        await until(lambda: b"\xab" * 500 in path.read_bytes())

    run(path, story, idle=0.01)


def test_when_no_change_comes_for_a_while_the_wal_gives_its_space_back(path):
    wal = path.with_name("store.sqlite-wal")

    async def story(log):
        for seq in range(1, 101):
            await log.append(change(seq, 4000))
        assert wal.stat().st_size > 400_000
        await until(lambda: wal.stat().st_size < 40_000)
        await log.append(change(101))

    run(path, story, idle=0.05)


def test_the_wait_of_the_first_commit_after_a_checkpoint_is_the_upkeep_s_own(path):
    def beginnings():
        """Return how often the WAL was begun anew: the checkpoint sequence number in its header."""
        return int.from_bytes(path.with_name("store.sqlite-wal").read_bytes()[12:16], "big")

    async def story(log):
        await log.append(change(1))
        before = beginnings()
        await until(lambda: beginnings() > before)

    run(path, story, idle=0.01)


def test_while_changes_go_on_the_wal_stays_bounded(path, monkeypatch):
    monkeypatch.setattr(upkeep, "DUE_BYTES", 200_000)

    async def story(log):
        for seq in range(1, 400):
            await log.append(change(seq))
            if seq % 50 == 0:  # the disk is as fast as it is
                await until(lambda: log._opened.upkeep._task is None)
        wal = path.with_name("store.sqlite-wal").stat().st_size
        assert wal < 2_000_000

    run(path, story, idle=3600)


def test_space_that_compaction_freed_comes_back(path):
    async def story(log):
        for seq in range(1, 6):
            await log.append(change(seq, 4_000_000))
        await until(lambda: path.stat().st_size > 20_000_000)
        await log.compact("a", "epoch", [Snapshot(5, b"small")], 5)
        await until(lambda: path.stat().st_size < 2_000_000)

    run(path, story, idle=0.01)


def test_closing_ends_the_upkeep_and_leaves_one_whole_file(path):
    async def story(log):
        await log.append(change(1, 1000))

    run(path, story, idle=3600)
    assert not path.with_name("store.sqlite-wal").exists()
    assert b"\xab" * 500 in path.read_bytes()


def test_an_upkeep_that_fails_is_logged_and_the_next_one_succeeds(caplog):
    class Lane:
        failing = True
        done = 0

        async def do(self, work, kind):
            if self.failing:
                raise StoreUnavailable("The disk failed.")
            self.done += 1

    async def story():
        lane = Lane()
        keep = upkeep.Upkeep(lane, Path("no-such-file"), idle=0.001)
        keep.wrote(1)
        await until(lambda: "was not kept up: The disk failed." in caplog.text)
        lane.failing = False
        keep.wrote(1)
        await until(lambda: lane.done == 3)
        await keep.stop()
        keep.wrote(upkeep.DUE_BYTES)
        await asyncio.sleep(0)
        assert lane.done == 3

    asyncio.run(story())


@pytest.mark.parametrize("how", ["deleted", "replaced"])
def test_a_file_that_is_taken_away_while_the_server_runs_is_said_once_and_writing_goes_on(path, caplog, how):
    async def story(log):
        if how == "replaced":
            path.with_name("other").write_bytes(b"")
            path.with_name("other").replace(path)
        else:
            path.unlink()
        for seq in (1, 2):
            await log.append(change(seq))
            await until(lambda: log._opened.upkeep._written == 0 and log._opened.upkeep._task is None)
        assert [entry.seq for entry in (await log.read("a")).entries] == [1, 2]

    run(path, story, idle=0.001)
    assert caplog.text.count("was deleted or replaced") == 1


def test_a_file_that_lies_where_it_lay_is_nothing_to_talk_about(path, caplog):
    async def story(log):
        await log.append(change(1))
        await until(lambda: log._opened.upkeep._written == 0 and log._opened.upkeep._task is None)

    run(path, story, idle=0.001)
    assert caplog.text == ""
