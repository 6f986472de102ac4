"""A way around the store for rooms that it cannot take at present: their histories are in memory meanwhile.

A log that is written through to another one, but for the rooms that were led ``around`` it. ``back`` brings such a
room into the store, whole: history and marks. It never replaces a history there that nobody has read; that is kept, and
``back`` says so. A history in memory that was given up goes there first, and is kept aside then.

What is led around does not survive the process, and nobody must be told that it is stored.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..ids import Epoch, RoomId
from .log import Append, Entry, History, Log, RoomSize, Snapshot, StoredMark
from .memory import MemoryLog


class Detour:
    """A ``Log`` that goes around another one for some rooms."""

    def __init__(self, log: Log) -> None:
        """Lead nothing around ``log`` yet."""
        self._log = log
        self._memory = MemoryLog()
        self._around: dict[RoomId, Epoch | None] = {}
        """The rooms that are led around, each with the epoch that the store may have of it and that was given up."""
        self._outgrown: dict[RoomId, list[History]] = {}
        """Histories in memory that were given up, without marks, oldest first."""
        self._unread: set[RoomId] = set()
        self._damaged: set[RoomId] = set()
        self._turn = asyncio.Lock()
        """Held while histories in memory are written, so that one is not written while it goes back."""

    # --- around, and back -------------------------------------------------------------------------------

    async def around(
        self,
        room: RoomId,
        epoch: Epoch,
        *,
        given_up: Epoch | None = None,
        unread: bool = False,
        damaged: bool = False,
    ) -> None:
        """Begin a history of this room in memory, and lead the room around the store from now on.

        Args:
            room: the room.
            epoch: its new history.
            given_up: the history that the store has of it, if that is to be replaced.
            unread: whether the store may have a history of it that could not be read.
            damaged: whether the store's history of it is damaged, and is to be replaced and kept aside.

        """
        await self._memory.open()
        await self._memory.begin(room, epoch)
        self._around[room] = given_up
        for rooms, holds in ((self._unread, unread), (self._damaged, damaged)):
            rooms.discard(room)
            if holds:
                rooms.add(room)

    @property
    def unkept(self) -> str:
        """Why the log around which it leads keeps nothing; empty if it does."""
        return self._log.unkept

    def keeps(self, room: RoomId) -> bool:
        """Whether what is written to this room outlives the process."""
        return not self._log.unkept and not self.leads(room)

    def leads(self, room: RoomId) -> bool:
        """Whether this room is led around the store."""
        return room in self._around

    def hides(self, room: RoomId) -> bool:
        """Whether the store may have a history of this room that could not be read, and is not the one in memory."""
        return room in self._unread

    @property
    def rooms_around(self) -> list[RoomId]:
        """The rooms that are led around the store."""
        return list(self._around)

    async def back(self, room: RoomId, *, instead: bool = False) -> bool:
        """Bring a room's history into the store; return whether it is led around it no more.

        It is still if the store has another history of it, unless ``instead``, or that one is damaged or was given up:
        then it is kept aside.

        Raises:
            StoreError: the store cannot take it now; it is led around as before.

        """
        async with self._turn:
            ours = await self._memory.read(room) if self.leads(room) else None
            if ours is None:
                return True  # it went back, or was given up, before its turn came
            histories = [*self._outgrown.get(room, ()), ours]
            epochs = [one.epoch for one in histories]
            if instead or room in self._damaged:
                await self._log.salvage(room, epochs[0], 0)
                self._damaged.discard(room)
                self._unread.discard(room)
            else:
                held = await self._log.read(room)
                if held is None or held.epoch in epochs:
                    # An attempt that failed may have come so far; what was before is kept aside by it, once.
                    histories = histories[epochs.index(held.epoch) if held else 0 :]
                    await self._log.begin(room, histories[0].epoch)
                elif held.epoch == self._around[room]:
                    await self._log.salvage(room, epochs[0], 0)
                else:
                    return False
            await self._bring(room, histories[0])
            for history in histories[1:]:
                await self._log.salvage(room, history.epoch, 0)
                await self._bring(room, history)
            await self.abandon(room)
        return True

    async def abandon(self, room: RoomId) -> None:
        """Forget what is in memory of this room; from now on it is what the store has."""
        if self._around.pop(room, self) is not self:
            self._unread.discard(room)
            self._damaged.discard(room)
            self._outgrown.pop(room, None)
            await self._memory.forget(room)

    async def _bring(self, room: RoomId, ours: History) -> None:
        """Write a history in memory into an empty one in the store."""
        snapshots = {ours.snapshot.seq: ours.snapshot} if ours.snapshot else {}
        for mark in ours.marks.values():
            if ours.snapshot and mark.seq < ours.snapshot.seq:
                below = await self._memory.read(room, mark.seq)
                assert below is not None and below.snapshot is not None
                snapshots[mark.seq] = below.snapshot
        ascending = [snapshots[seq] for seq in sorted(snapshots)]
        for one in ascending:
            if one.seq:
                await self._log.append([Append(room, ours.epoch, [Entry(one.seq, one.update)])])
        if ascending:
            await self._log.compact(room, ours.epoch, ascending, ascending[-1].seq)
        await self._log.append([Append(room, ours.epoch, ours.entries)])
        await self._log.mark(room, ours.epoch, ours.marks)

    # --- the log ----------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Open the log and the way around it."""
        await self._log.open()
        await self._memory.open()

    async def close(self) -> None:
        """Close both."""
        await self._log.close()
        await self._memory.close()

    async def read(self, room: RoomId, upto: int | None = None) -> History | None:
        """Return a room's history."""
        return await self._of(room).read(room, upto)

    async def begin(self, room: RoomId, epoch: Epoch) -> None:
        """Start a new history of this room."""
        async with self._turn:
            await self._of(room).begin(room, epoch)

    async def salvage(self, room: RoomId, epoch: Epoch, upto: int | None = None) -> None:
        """Start a new history of this room with what can be read of the previous one."""
        async with self._turn:
            if self.leads(room):
                given_up = await self._memory.read(room)
                if given_up is not None and given_up.last_seq:
                    self._outgrown.setdefault(room, []).append(replace(given_up, marks={}))
            await self._of(room).salvage(room, epoch, upto)

    async def append(self, batch: Sequence[Append]) -> None:
        """Append updates to rooms."""
        if not self._around:
            await self._log.append(batch)
            return
        async with self._turn:
            stored = [one for one in batch if not self.leads(one.room)]
            if stored:
                await self._log.append(stored)
            await self._memory.append([one for one in batch if self.leads(one.room)])

    async def mark(self, room: RoomId, epoch: Epoch, marks: Mapping[str, StoredMark | None]) -> None:
        """Set or drop marks."""
        async with self._turn:
            await self._of(room).mark(room, epoch, marks)

    async def compact(self, room: RoomId, epoch: Epoch, snapshots: Sequence[Snapshot], upto: int) -> None:
        """Replace updates by snapshots."""
        async with self._turn:
            await self._of(room).compact(room, epoch, snapshots, upto)

    async def attempt(self, room: RoomId) -> int:
        """Count an attempt to load, in the store."""
        return await self._log.attempt(room)

    async def attempts(self, room: RoomId) -> int:
        """Return how many there were."""
        return await self._log.attempts(room)

    async def settled(self, room: RoomId) -> None:
        """Start counting again."""
        await self._log.settled(room)

    async def rooms(self) -> list[RoomSize]:
        """Return all rooms' sizes."""
        stored = [one for one in await self._log.rooms() if not self.leads(one.room)]
        return sorted([*stored, *(await self._memory.rooms() if self._around else ())], key=lambda one: one.room)

    async def forget(self, room: RoomId) -> None:
        """Drop all that is known of a room."""
        await self.abandon(room)
        await self._log.forget(room)

    def _of(self, room: RoomId) -> Log:
        return self._memory if self.leads(room) else self._log
