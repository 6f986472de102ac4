"""The log: for each room an ordered list of updates, snapshots below it, and marks on it.

The store keeps bytes in order; it does not know what documents mean, and never looks into an update.

The failure contract, which ``jupyter_rtc.testing.LogContract`` checks for every implementation:

* Order is an integer per room, given by the caller and growing; never a clock.
* ``append``, ``mark``, ``begin`` and ``compact`` either happened as a whole when they return, or raise
  ``StoreError`` and did not happen at all. What happened survives ``kill -9`` of the process.
* ``append`` of several rooms is one commit: all of it or nothing.
* Bytes that were handed over belong to the store from then on and are not changed by the caller; bytes
  that were returned belong to the caller.
* After ``StoreUnavailable`` the log is as before and may be used again; after ``StoreCorrupt`` the room
  may be salvaged or begun anew, and other rooms are unharmed.
* Nothing is dropped because it could not be read: a damaged history is given up by ``salvage`` alone, which keeps it.
* An epoch is asked for with each write: a write under another epoch than the room's raises
  ``StoreError`` and changes nothing, so that a late writer of a given-up history cannot harm the new one.
* ``close`` may be called twice. Constructing opens nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ..ids import Epoch, RoomId


@dataclass(frozen=True, slots=True)
class Entry:
    """One update, and its number in its room."""

    seq: int
    update: bytes


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole document, as one update, as it was after the change with this number."""

    seq: int
    update: bytes


@dataclass(frozen=True, slots=True)
class StoredMark:
    """A named place in a room's log, with what the caller wants to remember of it (JSON text)."""

    seq: int
    note: str


@dataclass(frozen=True, slots=True)
class History:
    """What the log knows of a room, up to some number."""

    epoch: Epoch
    snapshot: Snapshot | None
    """The newest snapshot that is not after the number asked for."""
    entries: tuple[Entry, ...]
    """All updates after the snapshot, in order."""
    marks: Mapping[str, StoredMark] = field(default_factory=dict)

    @property
    def last_seq(self) -> int:
        """The number of the last change in here; 0 if there is none."""
        if self.entries:
            return self.entries[-1].seq
        return self.snapshot.seq if self.snapshot else 0


@dataclass(frozen=True, slots=True)
class Append:
    """Updates to be appended to one room."""

    room: RoomId
    epoch: Epoch
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class RoomSize:
    """How much the log holds of a room."""

    room: RoomId
    epoch: Epoch
    last_seq: int
    entries: int
    entry_bytes: int
    """Bytes of the updates that are not yet below a snapshot."""
    snapshot_bytes: int
    """Bytes of all snapshots."""


class Log(Protocol):
    """The durable, ordered lists of all rooms' updates."""

    @property
    def unkept(self) -> str:
        """Why nothing that is written outlives the process, in words for people; empty if it does."""

    async def open(self) -> None:
        """Make ready. Raises StoreError (StoreNewer, StoreCorrupt, StoreUnavailable)."""

    async def read(self, room: RoomId, upto: int | None = None) -> History | None:
        """Return a room's history up to and with this number (None: all of it); None if there is none.

        Marks after the number are not in it.

        The history is complete up to that number, or StoreError is raised; with an ``upto`` below what
        compaction left, StoreError says so.
        """

    async def begin(self, room: RoomId, epoch: Epoch) -> None:
        """Start a new, empty history of this room; the previous one is dropped."""

    async def salvage(self, room: RoomId, epoch: Epoch, upto: int | None = None) -> None:
        """Start a new history of this room with what can be read of the previous one, which is kept aside.

        That is what was first: the newest sound snapshot and all updates after it before the first that is not what
        was written, at most up to a number; and the marks within. Nothing, if nothing is readable.
        """

    async def append(self, batch: Sequence[Append]) -> None:
        """Append updates to rooms, as one commit. Numbers grow within a room, gaps are allowed."""

    async def mark(self, room: RoomId, epoch: Epoch, marks: Mapping[str, StoredMark | None]) -> None:
        """Set marks, or drop those given as None, in one commit.

        A mark at a state that compaction has dropped is refused with StoreError.
        """

    async def compact(self, room: RoomId, epoch: Epoch, snapshots: Sequence[Snapshot], upto: int) -> None:
        """Replace the updates up to and with this number, and all earlier snapshots, by these snapshots.

        The snapshots are ascending and the last one's number is ``upto``; the caller has verified them. A
        state between two of them cannot be read any more. What a mark names stays readable: an earlier
        snapshot with a mark's number is kept, and where the marked state would be lost, StoreError is raised.
        """

    async def attempt(self, room: RoomId) -> int:
        """Count, durably, that this room is about to be loaded; return how often since ``settled``."""

    async def attempts(self, room: RoomId) -> int:
        """Return how often this room was about to be loaded since ``settled``."""

    async def settled(self, room: RoomId) -> None:
        """Record that the room was loaded, or failed in an orderly way: the count starts again."""

    async def rooms(self) -> list[RoomSize]:
        """Return the sizes of all rooms' histories."""

    async def forget(self, room: RoomId) -> None:
        """Drop all that is known of a room. Unknown rooms are fine."""

    async def close(self) -> None:
        """Finish what was begun and let go of the file."""
