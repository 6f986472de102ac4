"""Upkeep of the store's file while nobody waits for it: checkpoints, and space given back to the disk.

A checkpoint copies the WAL into the file and waits for the disk twice. It is due when there was no change for a
while, or when the WAL has grown large although changes go on. It runs in the lane, between other work: a second
connection that makes checkpoints meets a bug that corrupts files (the «WAL-reset bug» of SQLite before 3.51.3,
https://www.sqlite.org/wal.html). A failed one is tried again after the next change; nothing depends on it but
the size of the WAL.

It also looks whether the file still lies where it was opened: SQLite goes on with one that was deleted or replaced,
which is lost with the process.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from ..errors import StoreError
from .lane import Kind, Lane, Work
from .migrations import version_of
from .tables import sweep

_log = logging.getLogger(__name__)

DUE_BYTES = 8 * 2**20
"""About how much WAL makes a checkpoint due while changes go on; it bounds what a start after a crash replays."""

COMMIT_BYTES = 4 * 4096
"""About what a commit adds to the WAL besides the updates: one page of each b-tree that it touches."""

FREE_PAGES_KEPT = 256
"""Free pages that the file keeps for what comes next."""

FREED_PAGES = 1024
"""Free pages given back in one step; the lane is free for others between the steps."""

TAKEN_AWAY = (
    "It was deleted or replaced while the server runs. What is stored now is lost when the server ends. "
    "Let everything be saved, and start the server anew."
)


class Upkeep:
    """Makes checkpoints when they are due."""

    def __init__(self, lane: Lane, path: Path, idle: float) -> None:
        """Keep the file at this path, which this lane has open.

        ``idle`` is how many seconds without a change make a checkpoint due.
        """
        self._lane = lane
        self._path = path
        self._identity = _identity(path)
        self._idle = idle
        self._written = 0
        self._seen = 0
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._stopped = False
        self._told: str | None = None

    def wrote(self, size: int) -> None:
        """Note that a commit wrote about so many bytes of content."""
        self._written += size + COMMIT_BYTES
        self._plan()

    async def stop(self) -> None:
        """Begin nothing any more, and finish what was begun."""
        self._stopped = True
        if self._timer is not None:
            self._timer.cancel()
        if self._task is not None:
            await self._task

    def _plan(self) -> None:
        """Begin if it is due; look again later if it may be then."""
        if self._stopped or self._task is not None or self._written == 0:
            return
        if self._written >= DUE_BYTES:
            self._begin(_checkpoint)
        elif self._timer is None:
            self._seen = self._written
            self._timer = asyncio.get_running_loop().call_later(self._idle, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._written == self._seen:
            self._begin(_checkpoint_and_cut)
        else:
            self._plan()

    def _begin(self, checkpoint: Work[bool]) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._task = asyncio.create_task(self._keep(checkpoint), name="jupyter_rtc checkpoint")

    async def _keep(self, checkpoint: Work[bool]) -> None:
        self._written = 0
        if await asyncio.to_thread(_identity, self._path) != self._identity:
            self._tell(TAKEN_AWAY)
        await asyncio.to_thread(_write_back, Path(f"{self._path}-wal"))
        for work, kind in ((sweep, Kind.LONG), (_free_pages, Kind.BARE), (checkpoint, Kind.BARE)):
            try:
                while await self._lane.do(work, kind):
                    pass
            except StoreError as error:
                self._tell(error.words)
        self._task = None
        self._plan()

    def _tell(self, words: str) -> None:
        """Log a failure, but not the same one again and again."""
        if words != self._told:
            _log.warning("The store's file was not kept up: %s", words)
        self._told = words


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what tells this file from any other that may come to lie there; None if there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _write_back(wal: Path) -> None:
    """Have the WAL written to the disk while the lane is free: the checkpoint, for which changes wait, finds it there.

    If that fails, the checkpoint does it, or says why not. SQLite holds no lock on this file that closing it would
    drop.
    """
    with suppress(OSError, AttributeError), wal.open("rb") as file:  # AttributeError: the system has no such call
        os.fdatasync(file.fileno())


def _free_pages(db: sqlite3.Connection) -> bool:
    """Give some free pages back to the disk; return whether there are more."""
    free = _free(db)
    if free > 0:
        # This pragma frees one page in each step, and executescript alone goes on to the last step.
        db.executescript(f"PRAGMA incremental_vacuum({min(free, FREED_PAGES)})")
    return 0 < _free(db) < free


def _free(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA freelist_count").fetchone()[0]) - FREE_PAGES_KEPT


def _checkpoint(db: sqlite3.Connection, mode: str = "PASSIVE") -> bool:
    """Copy the WAL into the file; there is never more to do.

    The next commit begins the WAL anew and waits for the disk once, whatever the durability; let that be ours,
    which writes what is there already, and not a change that somebody waits for.
    """
    db.execute(f"PRAGMA wal_checkpoint({mode})").fetchall()
    db.execute(f"PRAGMA user_version = {version_of(db)}")
    return False


def _checkpoint_and_cut(db: sqlite3.Connection) -> bool:
    """Give the WAL's space back besides, as nobody waits: it would have to grow again while changes go on."""
    return _checkpoint(db, "TRUNCATE")
