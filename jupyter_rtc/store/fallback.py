"""A log that can always be opened: in the chosen file, or in the next best place, with words about it.

A store that cannot be used must never keep people from their files. A second server that finds the file in use
takes a file of its own beside it; where nothing can be written at all, the log is in memory, which loses what a
crash would otherwise leave: unsaved changes. Which of them it is, is decided once, by ``open``; why it is not the
chosen file is never kept back (``words``), nor from people if it costs them something (``unkept``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ..errors import StoreError, StoreUnavailable
from ..ids import Epoch, RoomId
from .log import Append, History, Log, RoomSize, Snapshot, StoredMark
from .memory import MemoryLog
from .sqlite import SqliteLog

SIBLINGS = 8
"""How many servers on one machine find a file of their own."""

_IN_MEMORY = (
    "Until that is mended and the server started anew, histories are in memory only: of what is written, only what "
    "files have survives a restart."
)


class FallbackLog:
    """A ``Log`` that hands everything to the first log that can be opened."""

    def __init__(self, path: Path, make: Callable[[Path], SqliteLog]) -> None:
        self._path = path
        self._make = make
        self._log: Log = MemoryLog()
        self.words: str | None = None
        """What was not as it should be when the log was opened, for an administrator."""
        self.kind = "not open yet"
        """Where the log is: ``file``, ``file 2`` … beside it, or ``memory``."""
        self.unkept = ""
        """Why nothing outlives this process; empty if it does."""

    async def open(self) -> None:
        """Open the first log that can be opened. Never raises."""
        problem: StoreError | None = None
        for number, candidate in enumerate(self._candidates(), 1):
            log = self._make(candidate)
            try:
                await log.open()
            except StoreUnavailable as error:
                problem = problem or error
            except StoreError as error:
                problem = error
                break
            else:
                self._log = log
                self.kind = "file" if number == 1 else f"file {number}"
                beside = f"{problem.words} This server's store is in {candidate.name} beside it." if problem else ""
                self.words = f"{beside} {log.set_aside or ''}".strip() or None
                return
        await self._log.open()
        self.kind = "memory"
        self.words = self.unkept = f"{problem.words if problem else ''} {_IN_MEMORY}".strip()

    async def read(self, room: RoomId, upto: int | None = None) -> History | None:
        """Return a room's history."""
        return await self._log.read(room, upto)

    async def begin(self, room: RoomId, epoch: Epoch) -> None:
        """Start a new history of this room."""
        await self._log.begin(room, epoch)

    async def salvage(self, room: RoomId, epoch: Epoch, upto: int | None = None) -> None:
        """Start a new history of this room with what can be read of the previous one."""
        await self._log.salvage(room, epoch, upto)

    async def append(self, batch: Sequence[Append]) -> None:
        """Append updates to rooms."""
        await self._log.append(batch)

    async def mark(self, room: RoomId, epoch: Epoch, marks: Mapping[str, StoredMark | None]) -> None:
        """Set or drop marks."""
        await self._log.mark(room, epoch, marks)

    async def compact(self, room: RoomId, epoch: Epoch, snapshots: Sequence[Snapshot], upto: int) -> None:
        """Replace updates by snapshots."""
        await self._log.compact(room, epoch, snapshots, upto)

    async def attempt(self, room: RoomId) -> int:
        """Count an attempt to load."""
        return await self._log.attempt(room)

    async def attempts(self, room: RoomId) -> int:
        """Return how many there were."""
        return await self._log.attempts(room)

    async def settled(self, room: RoomId) -> None:
        """Start counting again."""
        await self._log.settled(room)

    async def rooms(self) -> list[RoomSize]:
        """Return all rooms' sizes."""
        return await self._log.rooms()

    async def forget(self, room: RoomId) -> None:
        """Drop a room."""
        await self._log.forget(room)

    async def close(self) -> None:
        """Close the log that was opened."""
        await self._log.close()

    def _candidates(self) -> list[Path]:
        path = self._path
        others = [path.with_name(f"{path.stem}-{number}{path.suffix}") for number in range(2, SIBLINGS + 1)]
        return [path, *others]
