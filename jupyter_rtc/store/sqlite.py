"""A log in one SQLite file.

What is stored is in ``tables``, how the file is opened in ``file``, where the work runs in ``lane``, and what
happens when nobody waits in ``upkeep``; here they become a ``Log``. Short appends are committed in the event
loop's own turn, or by a thread together with all that wait there:
docs/decisions/0002-where-the-log-is-written.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ..ids import Epoch, RoomId
from . import rules, tables
from .file import Durability, StoreFile
from .lane import Kind, Lane, T, Work, Writer
from .log import Append, History, RoomSize, Snapshot, StoredMark
from .upkeep import Upkeep

SHORT_BYTES = 64 * 1024
"""A larger append never runs in the event loop's turn: writing it takes longer than going to the thread."""


@dataclass(frozen=True, slots=True)
class _Opened:
    """What there is only while the log is open."""

    file: StoreFile
    thread: ThreadPoolExecutor
    lane: Lane
    upkeep: Upkeep


class SqliteLog:
    """A ``Log`` in a SQLite file."""

    unkept = ""

    def __init__(
        self,
        path: Path | str,
        *,
        durability: Durability = "normal",
        writer: Writer | None = None,
        max_bytes: int | None = None,
        idle: float = 1.0,
    ) -> None:
        """Make a log; nothing is opened before ``open``.

        Args:
            path: the file, or ``:memory:`` for one that ends with ``close``.
            durability: ``normal`` survives the end of the process, ``full`` a power cut too.
            writer: where short appends are committed, ``loop`` or ``thread``; None: ``loop`` if
                ``durability`` is ``normal``, and else ``thread``, because each commit waits for the disk.
            max_bytes: how large the file may grow; None: as large as the disk lets it.
            idle: seconds without a change after which a checkpoint is made.

        """
        self._path = path
        self._durability: Durability = durability
        self._writer: Writer = writer or ("loop" if durability == "normal" else "thread")
        self._max_bytes = max_bytes
        self._idle = idle
        self._opened: _Opened | None = None
        self._set_aside: str | None = None

    @property
    def set_aside(self) -> str | None:
        """In words, what happened to a damaged file when this log was opened; None if it was whole."""
        return self._set_aside

    # --- opening and closing -----------------------------------------------------------------------------

    async def open(self) -> None:
        """Open the file, making, checking, migrating or replacing it as needed.

        Raises:
            StoreUnavailable: it is in use, read-only, or not ours; or the disk fails.
            StoreNewer: a newer version wrote it.

        """
        if self._opened is not None:
            return
        thread = ThreadPoolExecutor(1, thread_name_prefix="jupyter_rtc store")
        make = partial(StoreFile.open, self._path, self._durability, self._max_bytes)
        try:
            file = await asyncio.get_running_loop().run_in_executor(thread, make)
        except BaseException:
            thread.shutdown()
            raise
        self._set_aside = file.set_aside
        lane = Lane(file.connection, thread, self._writer)
        self._opened = _Opened(file, thread, lane, Upkeep(lane, Path(self._path), self._idle))

    async def close(self) -> None:
        """Finish what was begun, make a last checkpoint, and let go of the file."""
        opened, self._opened = self._opened, None
        if opened is None:
            return
        await opened.upkeep.stop()
        await opened.lane.finish()
        try:
            await asyncio.get_running_loop().run_in_executor(opened.thread, opened.file.close)
        finally:
            opened.thread.shutdown()

    # --- the log -----------------------------------------------------------------------------------------

    async def read(self, room: RoomId, upto: int | None = None) -> History | None:
        """Return a room's history up to and with this number; None if there is none."""
        return await self._now().lane.do(lambda db: tables.read(db, room, upto), Kind.BARE)

    async def begin(self, room: RoomId, epoch: Epoch) -> None:
        """Start a new, empty history of this room; the previous one is dropped."""
        await self._write(lambda db: tables.begin(db, room, epoch), kind=Kind.LONG)

    async def salvage(self, room: RoomId, epoch: Epoch, upto: int | None = None) -> None:
        """Start a new history of this room with what can be read of the previous one, which is kept aside."""
        await self._write(lambda db: tables.salvage(db, room, epoch, upto), kind=Kind.LONG)

    async def append(self, batch: Sequence[Append]) -> None:
        """Append updates to rooms, as one commit."""
        size = sum(len(entry.update) for append in batch for entry in append.entries)
        kind = Kind.SHORT if size <= SHORT_BYTES else Kind.LONG
        await self._write(lambda db: tables.append(db, batch), size, kind)

    async def mark(self, room: RoomId, epoch: Epoch, marks: Mapping[str, StoredMark | None]) -> None:
        """Set marks, or drop those given as None, in one commit."""
        await self._write(lambda db: tables.mark(db, room, epoch, marks))

    async def compact(self, room: RoomId, epoch: Epoch, snapshots: Sequence[Snapshot], upto: int) -> None:
        """Replace the updates up to and with this number, and the snapshots that no mark names, by these."""
        size = sum(len(snapshot.update) for snapshot in snapshots)
        await self._write(lambda db: tables.compact(db, room, epoch, snapshots, upto), size, Kind.LONG)

    async def attempt(self, room: RoomId) -> int:
        """Count, durably, that this room is about to be loaded; return how often since ``settled``."""
        return await self._write(lambda db: tables.attempt(db, room))

    async def attempts(self, room: RoomId) -> int:
        """Return how often this room was about to be loaded since ``settled``."""
        return (await self._now().lane.do(tables.attempts, Kind.BARE)).get(room, 0)

    async def settled(self, room: RoomId) -> None:
        """Record that the room was loaded, or failed in an orderly way: the count starts again."""
        await self._write(lambda db: tables.settled(db, room))

    async def rooms(self) -> list[RoomSize]:
        """Return the sizes of all rooms' histories."""
        return await self._now().lane.do(tables.sizes, Kind.BARE)

    async def forget(self, room: RoomId) -> None:
        """Drop all that is known of a room."""
        await self._write(lambda db: tables.forget(db, room), kind=Kind.LONG)

    async def _write(self, work: Work[T], size: int = 0, kind: Kind = Kind.SHORT) -> T:
        opened = self._now()
        result = await opened.lane.do(work, kind)
        opened.upkeep.wrote(size)
        return result

    def _now(self) -> _Opened:
        if self._opened is None:
            raise rules.not_open()
        return self._opened
