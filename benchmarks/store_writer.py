"""Where the log is written from: how long an append takes, and how long it keeps everybody else waiting.

Run it from the project's root with ``python -m benchmarks.store_writer``; it takes a minute and a half and needs
no network. The decision that rests on it is docs/decisions/0002-where-the-log-is-written.md.

The event loop is kept busy with pure Python for about 60 % of the time, in slices of a millisecond, as rooms and
other extensions do. Appends come at fixed times, whether or not earlier ones have returned. A slow disk is
simulated: each wait for the disk that SQLite makes (at each commit with durability «full», at each checkpoint)
takes longer by a sleep, in the place where SQLite would wait.
"""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

from jupyter_rtc.ids import Epoch, RoomId
from jupyter_rtc.store.file import Durability
from jupyter_rtc.store.lane import Writer
from jupyter_rtc.store.log import Append, Entry
from jupyter_rtc.store.sqlite import SqliteLog

ROOM, EPOCH = RoomId("app:benchmark"), Epoch("epoch")
UPDATE = b"x" * 40
SECONDS = 3.0
DURABILITIES: tuple[Durability, ...] = ("normal", "full")
WRITERS: tuple[Writer, ...] = ("loop", "thread")
LOADS = ((1, 400), (50, 40), (500, 8))
"""Rows in an append, appends in a second."""
SLOW = 0.010
"""Seconds that one wait for the slow disk takes."""
BUSY, IDLE = 0.0012, 0.0008
"""Seconds of other work in the event loop, and of pause between."""


@dataclass(frozen=True, slots=True)
class Result:
    """Milliseconds."""

    ack_p50: float
    ack_p99: float
    stall_p99: float
    """By how much the event loop was late for somebody else."""
    stall_max: float


class SlowDisk(sqlite3.Connection):
    """A connection that waits for a slow disk where SQLite waits for the disk."""

    syncs_at_commit = False

    def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
        """Run a statement."""
        waits = 2 if "wal_checkpoint" in sql else self.syncs_at_commit and sql == "COMMIT"
        time.sleep(SLOW * waits)
        return super().execute(sql, *args)


@contextmanager
def disk(slow: bool, durability: Durability) -> Iterator[None]:
    """Make connections that are opened within wait for a slow disk, or not."""
    if not slow:
        yield
        return
    kind = type("Slow", (SlowDisk,), {"syncs_at_commit": durability == "full"})
    with mock.patch("jupyter_rtc.store.file.sqlite3.connect", partial(sqlite3.connect, factory=kind)):
        yield


async def other_work() -> None:
    """Keep the loop busy, until cancelled."""
    while True:
        end = time.perf_counter() + BUSY
        while time.perf_counter() < end:
            pass
        await asyncio.sleep(IDLE)


async def watch(stalls: list[float]) -> None:
    """Note by how much the loop is late, until cancelled."""
    while True:
        due = time.perf_counter() + 0.002
        await asyncio.sleep(0.002)
        stalls.append(time.perf_counter() - due)


async def appends(log: SqliteLog, seqs: Iterator[int], rows: int, rate: int, acks: list[float]) -> None:
    """Append at fixed times, and note how long each took."""

    async def one() -> None:
        entries = [Entry(next(seqs), UPDATE) for _ in range(rows)]
        begun = time.perf_counter()
        await log.append([Append(ROOM, EPOCH, entries)])
        acks.append(time.perf_counter() - begun)

    start = time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for number in range(int(rate * SECONDS)):
            await asyncio.sleep(max(0.0, start + number / rate - time.perf_counter()))
            tasks.create_task(one())


async def measure(path: Path, writer: Writer, durability: Durability, rows: int, rate: int) -> Result:
    """Run one load against one log."""
    log = SqliteLog(path, writer=writer, durability=durability)
    await log.open()
    await log.begin(ROOM, EPOCH)
    acks: list[float] = []
    stalls: list[float] = []
    around = [asyncio.create_task(other_work()), asyncio.create_task(watch(stalls))]
    await appends(log, itertools.count(1), rows, rate, acks)
    for task in around:
        task.cancel()
    await log.close()
    ack, stall = statistics.quantiles(acks, n=100), statistics.quantiles(stalls, n=100)
    return Result(*(1000 * value for value in (ack[49], ack[98], stall[98], max(stalls))))


def main() -> None:
    """Print a line for each case."""
    print("disk  durability writer  rows/append   ack p50   ack p99  stall p99  stall max   (ms)")
    for slow, durability, (rows, rate) in itertools.product((False, True), DURABILITIES, LOADS):
        for writer in WRITERS:
            with tempfile.TemporaryDirectory() as folder, disk(slow, durability):
                result = asyncio.run(measure(Path(folder) / "a.sqlite", writer, durability, rows, rate))
            print(
                f"{'slow' if slow else 'fast':5} {durability:10} {writer:7} {rows:11}"
                f"{result.ack_p50:10.2f}{result.ack_p99:10.2f}{result.stall_p99:11.2f}{result.stall_max:11.2f}"
            )


if __name__ == "__main__":
    main()
