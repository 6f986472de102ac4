"""A log in memory: for tests, and for servers that are to keep nothing. It survives ``close``, not the process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..ids import Epoch, RoomId
from . import rules
from .log import Append, Entry, History, RoomSize, Snapshot, StoredMark


@dataclass(slots=True)
class _Shelf:
    """What is kept of one room."""

    epoch: Epoch
    snapshots: dict[int, Snapshot] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    marks: dict[str, StoredMark] = field(default_factory=dict)

    @property
    def last_seq(self) -> int:
        return self.entries[-1].seq if self.entries else max(self.snapshots, default=0)


class MemoryLog:
    """A ``Log`` in memory."""

    unkept = ""
    """Whoever chose this log knows; where it stands in for another one, that says so."""

    def __init__(self) -> None:
        self._shelves: dict[RoomId, _Shelf] = {}
        self._attempts: dict[RoomId, int] = {}
        self._open = False

    async def open(self) -> None:
        """Make ready."""
        self._open = True

    async def close(self) -> None:
        """Take no more; what was written is there when the log is opened again."""
        self._open = False

    async def read(self, room: RoomId, upto: int | None = None) -> History | None:
        """Return a room's history up to and with this number; None if there is none."""
        shelf = self._rooms.get(room)
        if shelf is None:
            return None
        below = rules.snapshot_below(shelf.snapshots, upto)
        snapshot = None if below is None else shelf.snapshots[below]
        return History(
            shelf.epoch,
            snapshot,
            tuple(entry for entry in shelf.entries if upto is None or entry.seq <= upto),
            {name: mark for name, mark in shelf.marks.items() if upto is None or mark.seq <= upto},
        )

    async def begin(self, room: RoomId, epoch: Epoch) -> None:
        """Start a new, empty history of this room; the previous one is dropped."""
        self._rooms[room] = _Shelf(epoch)

    async def salvage(self, room: RoomId, epoch: Epoch, upto: int | None = None) -> None:
        """Start a new history of this room with what the previous one has up to this number."""
        shelf = self._rooms.get(room) or _Shelf(epoch)
        base = max(shelf.snapshots, default=None)
        found = rules.salvaged(shelf.snapshots.values(), base, shelf.entries, shelf.marks, upto)
        snapshots = {one.seq: one for one in found.snapshots}
        self._rooms[room] = _Shelf(epoch, snapshots, [*found.entries], {**found.marks})

    async def append(self, batch: Sequence[Append]) -> None:
        """Append updates to rooms, all or none."""
        grown: dict[RoomId, list[Entry]] = {}
        for append in batch:
            shelf = self._shelf(append.room, append.epoch)
            new = grown.setdefault(append.room, [])
            rules.check_growing(new[-1].seq if new else shelf.last_seq, append.entries)
            new += append.entries
        for room, entries in grown.items():
            self._rooms[room].entries += entries

    async def mark(self, room: RoomId, epoch: Epoch, marks: Mapping[str, StoredMark | None]) -> None:
        """Set marks, or drop those given as None."""
        shelf = self._shelf(room, epoch)
        rules.check_markable(shelf.snapshots, (mark.seq for mark in marks.values() if mark))
        for name, mark in marks.items():
            if mark is None:
                shelf.marks.pop(name, None)
            else:
                shelf.marks[name] = mark

    async def compact(self, room: RoomId, epoch: Epoch, snapshots: Sequence[Snapshot], upto: int) -> None:
        """Replace the updates up to and with this number by these snapshots."""
        shelf = self._shelf(room, epoch)
        marked = [mark.seq for mark in shelf.marks.values()]
        kept = rules.snapshots_to_keep(shelf.snapshots, marked, shelf.last_seq, snapshots, upto)
        shelf.snapshots = {seq: shelf.snapshots[seq] for seq in kept} | {new.seq: new for new in snapshots}
        shelf.entries = [entry for entry in shelf.entries if entry.seq > upto]

    async def attempt(self, room: RoomId) -> int:
        """Count that this room is about to be loaded."""
        self._check_open()
        self._attempts[room] = self._attempts.get(room, 0) + 1
        return self._attempts[room]

    async def attempts(self, room: RoomId) -> int:
        """Return how often it was, since the count started."""
        self._check_open()
        return self._attempts.get(room, 0)

    async def settled(self, room: RoomId) -> None:
        """Start the count of attempts again."""
        self._check_open()
        self._attempts.pop(room, None)

    async def rooms(self) -> list[RoomSize]:
        """Return the sizes of all rooms' histories."""
        return [_size(room, shelf) for room, shelf in sorted(self._rooms.items())]

    async def forget(self, room: RoomId) -> None:
        """Drop all that is known of a room."""
        self._rooms.pop(room, None)
        self._attempts.pop(room, None)

    @property
    def _rooms(self) -> dict[RoomId, _Shelf]:
        self._check_open()
        return self._shelves

    def _check_open(self) -> None:
        if not self._open:
            raise rules.not_open()

    def _shelf(self, room: RoomId, epoch: Epoch) -> _Shelf:
        shelf = self._rooms.get(room)
        rules.check_epoch(shelf.epoch if shelf else None, epoch)
        assert shelf is not None
        return shelf


def _size(room: RoomId, shelf: _Shelf) -> RoomSize:
    return RoomSize(
        room,
        shelf.epoch,
        shelf.last_seq,
        len(shelf.entries),
        sum(len(entry.update) for entry in shelf.entries),
        sum(len(snapshot.update) for snapshot in shelf.snapshots.values()),
    )
