import asyncio
import contextlib
import os
import random
import subprocess
import sys
import threading
from functools import partial

import pytest

from jupyter_rtc.errors import StoreCorrupt, StoreError, StoreUnavailable
from jupyter_rtc.store import file
from jupyter_rtc.store.log import Append, Entry, Snapshot
from jupyter_rtc.store.sqlite import SqliteLog
from jupyter_rtc.testing import LogContract

from . import crashing
from .test_upkeep import until


class TestWrittenInTheLoop(LogContract):
    def make_log(self, place):
        return SqliteLog(place / "store.sqlite")


class TestWrittenByAThread(LogContract):
    def make_log(self, place):
        return SqliteLog(place / "store.sqlite", durability="full")


def run(path, story, **settings):
    async def with_log():
        log = SqliteLog(path, **settings)
        await log.open()
        try:
            return await story(log)
        finally:
            await log.close()

    return asyncio.run(with_log())


def change(seq, room="a", update=b"x"):
    return Append(room, "epoch", [Entry(seq, update)])


@pytest.fixture
def path(tmp_path):
    return tmp_path / "store.sqlite"


def test_a_log_in_memory_needs_no_file_and_ends_with_close(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    async def story():
        log = SqliteLog(":memory:")
        await log.open()
        await log.begin("a", "epoch")
        await log.append([change(1)])
        assert (await log.read("a")).last_seq == 1
        await log.close()
        await log.open()
        assert await log.read("a") is None
        await log.close()

    asyncio.run(story())
    assert list(tmp_path.iterdir()) == []


def test_closing_ends_its_thread_and_lets_another_have_the_file(path):
    async def story(log):
        await log.begin("a", "epoch")
        with pytest.raises(StoreUnavailable, match="Each server"):
            await SqliteLog(path).open()

    before = threading.active_count()
    run(path, story)
    run(path, lambda log: log.read("a"))
    assert threading.active_count() == before


def test_a_log_that_cannot_be_opened_leaves_nothing_behind_and_can_be_opened_later(path):
    path.mkdir()
    before = threading.active_count()

    async def story():
        log = SqliteLog(path)
        with pytest.raises(StoreUnavailable):
            await log.open()
        with pytest.raises(StoreUnavailable, match="not open"):
            await log.rooms()
        path.rmdir()
        await log.open()
        assert await log.rooms() == []
        await log.close()

    asyncio.run(story())
    assert threading.active_count() == before


def test_that_a_damaged_file_was_set_aside_is_told(path):
    path.write_bytes(b"this is no database " * 500)

    async def story(log):
        assert "set aside as store.sqlite.broken-1" in log.set_aside

    run(path, story)
    run(path, lambda log: log.rooms())


# --- full ---------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def small_disk(folder):
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("a disk of one megabyte needs root")
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


async def fill_up(log):
    """Append until the store is full; return the number of the last change that it took."""
    await log.begin("a", "epoch")
    for seq in range(1, 1000):
        try:
            await log.append([change(seq, update=b"x" * 10_000)])
        except StoreUnavailable as error:
            assert "is full" in error.words
            return seq - 1
    raise AssertionError("the store was never full")


@pytest.mark.parametrize("writer", ["loop", "thread"])
def test_a_full_disk_takes_nothing_more_loses_nothing_and_recovers_when_there_is_room(tmp_path, writer):
    async def story(log):
        ballast = tmp_path / "ballast"
        ballast.write_bytes(b"x" * 500_000)
        last = await fill_up(log)
        assert last > 0
        with pytest.raises(StoreUnavailable):
            await log.append([change(last + 1, update=b"x" * 10_000)])
        assert (await log.read("a")).last_seq == last
        ballast.unlink()
        await log.append([change(last + 1, update=b"x" * 10_000)])
        assert (await log.read("a")).last_seq == last + 1
        return last + 1

    with small_disk(tmp_path):
        last = run(tmp_path / "store.sqlite", story, writer=writer)
        history = run(tmp_path / "store.sqlite", lambda log: log.read("a"))
        assert history.last_seq == len(history.entries) == last


def test_a_store_with_a_bound_stays_below_it_and_compaction_makes_room(path):
    async def story(log):
        last = await fill_up(log)
        await log.compact("a", "epoch", [Snapshot(last, b"y" * 300_000)], last)
        await log.append([change(last + 1, update=b"x" * 10_000)])
        assert [entry.seq for entry in (await log.read("a")).entries] == [last + 1]

    run(path, story, max_bytes=1_000_000)
    assert path.stat().st_size <= 1_000_000


# --- damaged while open -------------------------------------------------------------------------------------


def test_a_page_that_goes_bad_while_open_costs_one_room_which_can_be_begun_anew(path, monkeypatch, caplog):
    monkeypatch.setattr(file, "CHECKED_BYTES", 0)

    async def fill(log):
        for room in "abc":
            await log.begin(room, "epoch")
            for seq in range(1, 31):
                await log.append([change(seq, room, f"{room}{seq} ".encode() * 100)])

    async def story(log):
        with pytest.raises(StoreCorrupt):
            await log.read("b")
        for sound in "ac":
            assert (await log.read(sound)).last_seq == 30
            await log.append([change(31, sound)])
        await log.begin("b", "new")
        await log.append([Append("b", "new", [Entry(1, b"again")])])
        await until(lambda: "was not kept up: The store's file is damaged." in caplog.text)
        assert (await log.read("b")).entries == (Entry(1, b"again"),)

    run(path, fill)
    raw = bytearray(path.read_bytes())
    at = raw.index(b"b15 b15")
    raw[at - at % 4096 : at - at % 4096 + 64] = b"\xff" * 64
    path.write_bytes(raw)
    run(path, story, idle=0.001)
    assert caplog.text.count("was not kept up") == 1
    monkeypatch.undo()

    async def after(log):
        assert "set aside" in log.set_aside
        assert {size.room for size in await log.rooms()} == set("abc")
        assert (await log.read("b")).entries == (Entry(1, b"again"),)

    run(path, after)


def test_whatever_byte_changes_the_log_opens_and_no_history_is_wrong(path):
    """Seeded; a failure prints its seed."""

    async def fill(log):
        for room in "abcd":
            await log.begin(room, "epoch")
            await log.append([Append(room, "epoch", [Entry(seq, crashing.update(room, seq)) for seq in range(1, 80)])])
        await log.compact("d", "epoch", [Snapshot(40, b"forty" * 900)], 40)

    async def story(log):
        found = 0
        for size in await log.rooms():
            with contextlib.suppress(StoreError):
                history = await log.read(size.room)
                found += 1
                expected = [Entry(seq, crashing.update(size.room, seq)) for seq in range(1, 80)]
                expected = expected[40 if size.room == "d" else 0 :]
                if history.epoch != "epoch":  # what is before the damage, as another history
                    expected = expected[: len(history.entries)]
                assert list(history.entries) == expected
                assert history.snapshot == (Snapshot(40, b"forty" * 900) if size.room == "d" else None)
        return found

    run(path, fill)
    whole = path.read_bytes()
    found = []
    for seed in range(60):
        dice = random.Random(seed)
        harmed = bytearray(whole)
        for _ in range(dice.choice([1, 1, 8])):
            harmed[dice.randrange(len(harmed))] ^= 1 << dice.randrange(8)
        place = path.with_name(f"{seed}.sqlite")
        place.write_bytes(harmed)
        try:
            found.append(run(place, story))
        except Exception:
            print(f"seed {seed}")  # noqa: T201
            raise
    assert sum(found) > 100, "most histories survive most accidents"


# --- killed -------------------------------------------------------------------------------------------------


def live_and_die(path, writer, seconds):
    """Let a process append, kill it, and return the last number that it was told to be stored, by room."""
    command = [sys.executable, "-m", "tests.store.crashing", str(path), writer]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "open\n"
        timer = threading.Timer(seconds, process.kill)
        timer.start()
        lines = [line.split() for line in process.stdout if line.endswith("\n")]
        timer.cancel()
    return {room: int(seq) for room, seq in lines}


async def check_that_all_is_there(acknowledged, log):
    assert log.set_aside is None
    for room in crashing.ROOMS:
        history = await log.read(room)
        assert history.last_seq >= acknowledged[room]
        start = history.snapshot.seq if history.snapshot else 0
        seqs = range(start + 1, history.last_seq + 1)
        assert history.entries == tuple(Entry(seq, crashing.update(room, seq)) for seq in seqs)


def survive(path, rounds, seed):
    dice = random.Random(seed)
    print(f"seed {seed}")  # noqa: T201
    acknowledged = dict.fromkeys(crashing.ROOMS, 0)
    for _ in range(rounds):
        acknowledged |= live_and_die(path, dice.choice(["loop", "thread"]), dice.uniform(0.0, 0.15))
        run(path, partial(check_that_all_is_there, acknowledged))
    assert all(acknowledged.values())


def test_what_was_acknowledged_survives_kill_9(path):
    survive(path, rounds=20, seed=int.from_bytes(os.urandom(4), "big"))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_what_was_acknowledged_survives_kill_9_200_times(path):
    survive(path, rounds=200, seed=int.from_bytes(os.urandom(4), "big"))
