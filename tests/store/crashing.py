"""A process that appends to a log and says what was acknowledged, until it is killed."""

# ruff: noqa: T201  what it prints is what it acknowledged

from __future__ import annotations

import asyncio
import random
import sys
from pathlib import Path

from jupyter_rtc.store.log import Append, Entry, Snapshot, StoredMark
from jupyter_rtc.store.sqlite import SqliteLog

ROOMS = ("a", "b")
EPOCH = "epoch"


def update(room: str, seq: int) -> bytes:
    """Return what is written as this change, so that a reader knows what it must find."""
    return random.Random(f"{room} {seq}").randbytes(20 + 977 * (seq % 50 == 0))


async def write_forever(path: Path, writer: str) -> None:
    log = SqliteLog(path, writer=writer, durability="normal", idle=0.01)
    await log.open()
    last = {}
    for room in ROOMS:
        history = await log.read(room)
        if history is None:
            await log.begin(room, EPOCH)
        last[room] = history.last_seq if history else 0
    print("open", flush=True)
    while True:
        await asyncio.gather(*(_write_some(log, room, last) for room in ROOMS))


async def _write_some(log: SqliteLog, room: str, last: dict[str, int]) -> None:
    for _ in range(20):
        seqs = range(last[room] + 1, last[room] + 4)
        await log.append([Append(room, EPOCH, [Entry(seq, update(room, seq)) for seq in seqs])])
        last[room] = seqs[-1]
        print(room, last[room], flush=True)
    await log.mark(room, EPOCH, {"saved": StoredMark(last[room], "")})
    if last[room] % 7 == 0:
        await log.compact(room, EPOCH, [Snapshot(last[room], b"all up to %d" % last[room])], last[room])


if __name__ == "__main__":
    asyncio.run(write_forever(Path(sys.argv[1]), sys.argv[2]))
