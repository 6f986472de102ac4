"""The log's tables: each function is one question to, or one change of, a connection that its caller owns.

The caller opens and commits the transaction; what may be written is decided in ``rules``. No row is believed
unseen: every snapshot and mark has a CRC-32, and every update carries the *chain*, a CRC-32 of its bytes, its
number and the chain before it. A room knows the chain at its newest snapshot and at its end, so a row that was
changed, lost, or put in another's place is noticed when it is read, and what is read is all there was.
CRC-32 finds accidents, not forgers: who can write the file can write anything.

A damaged history is never removed for being damaged: ``salvage`` begins a new one with what is sound, and keeps the
rows of the old one, under its id, aside.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple
from zlib import crc32

from ..errors import StoreCorrupt, StoreError
from ..ids import Epoch, RoomId, new_epoch
from . import rules
from .failures import ROOM_DAMAGED, store_error
from .log import Append, Entry, History, RoomSize, Snapshot, StoredMark

ASIDE_KEPT = 5
"""How many damaged histories of one room are kept aside; an older one goes when another comes."""


class Head(NamedTuple):
    """A room's row: which history it has, and where that ends."""

    id: int
    epoch: Epoch
    last_seq: int
    last_chain: int
    base_seq: int | None
    """The newest snapshot's number."""
    base_chain: int


# --- reading ------------------------------------------------------------------------------------------------


def head_of(db: sqlite3.Connection, room: RoomId) -> Head | None:
    """Return the room's row; None if it has no history."""
    row = db.execute(
        "SELECT id, epoch, last_seq, last_chain, base_seq, base_chain FROM room WHERE name = ?", (room,)
    ).fetchone()
    return Head(*_typed(row, int, str, int, int, int | None, int)) if row else None


def read(db: sqlite3.Connection, room: RoomId, upto: int | None) -> History | None:
    """Return a room's history up to and with this number.

    Raises:
        StoreCorrupt: what is there is not what was written.
        StoreError: compaction has dropped that state.

    """
    head = head_of(db, room)
    if head is None:
        return None
    below = rules.snapshot_below(_snapshot_seqs(db, head), upto)
    snapshot = None if below is None else _read_snapshot(db, head.id, below)
    entries = _read_entries(db, head, upto) if below == head.base_seq else ()
    return History(head.epoch, snapshot, entries, _read_marks(db, head.id, upto))


def _snapshot_seqs(db: sqlite3.Connection, head: Head) -> list[int]:
    rows = db.execute("SELECT seq FROM snapshot WHERE room = ? ORDER BY seq", (head.id,))
    seqs = [seq for (seq,) in rows]
    if (seqs[-1] if seqs else None) != head.base_seq:
        raise StoreCorrupt(ROOM_DAMAGED)
    return seqs


def _read_snapshot(db: sqlite3.Connection, room_id: int, seq: int) -> Snapshot:
    row = db.execute("SELECT crc, data FROM snapshot WHERE room = ? AND seq = ?", (room_id, seq)).fetchone()
    crc, data = _typed(row or (), int, bytes)
    if crc != _chained(seq, data, 0):
        raise StoreCorrupt(ROOM_DAMAGED)
    return Snapshot(seq, data)


def _read_entries(db: sqlite3.Connection, head: Head, upto: int | None) -> tuple[Entry, ...]:
    """Return the updates after the newest snapshot, each link of their chain checked."""
    end = head.last_seq if upto is None else min(upto, head.last_seq)
    links = list(_chain(db, head, end))
    seq, _, chain = links[-1] if links else (head.base_seq or 0, b"", head.base_chain)
    if end == head.last_seq and (seq, chain) != (head.last_seq, head.last_chain):
        raise StoreCorrupt(ROOM_DAMAGED)
    return tuple(Entry(seq, data) for seq, data, _ in links)


def _chain(db: sqlite3.Connection, head: Head, end: int) -> Iterator[tuple[int, bytes, int]]:
    """Yield the number and the bytes of each update after the newest snapshot, and the chain there, while it holds."""
    chain = head.base_chain
    for row in db.execute(
        "SELECT seq, chain, data FROM entry WHERE room = ? AND seq <= ? ORDER BY seq", (head.id, end)
    ):
        seq, stored, data = _typed(row, int, int, bytes)
        chain = _chained(seq, data, chain)
        if chain != stored:
            raise StoreCorrupt(ROOM_DAMAGED)
        yield seq, data, chain


def _read_marks(db: sqlite3.Connection, room_id: int, upto: int | None) -> dict[str, StoredMark]:
    rows = db.execute("SELECT name, seq, crc, note FROM mark WHERE room = ?", (room_id,))
    return {name: mark for name, mark in map(_mark_of, rows) if upto is None or mark.seq <= upto}


def _mark_of(row: tuple[Any, ...]) -> tuple[str, StoredMark]:
    name, seq, crc, note = _typed(row, str, int, int, str)
    if crc != _mark_crc(name, seq, note):
        raise StoreCorrupt(ROOM_DAMAGED)
    return name, StoredMark(seq, note)


def sizes(db: sqlite3.Connection) -> list[RoomSize]:
    """Return the sizes of all rooms' histories, by name."""
    rows = db.execute(
        "SELECT name, epoch, last_seq, entries, entry_bytes, "
        "(SELECT coalesce(sum(length(data)), 0) FROM snapshot WHERE room = room.id) FROM room ORDER BY name"
    )
    return [RoomSize(*row) for row in rows]


def attempts(db: sqlite3.Connection) -> dict[RoomId, int]:
    """Return, for each room whose loading has not come to an end, how often it was begun."""
    return dict(db.execute("SELECT name, count FROM attempt"))


# --- writing ------------------------------------------------------------------------------------------------


def begin(db: sqlite3.Connection, room: RoomId, epoch: Epoch) -> None:
    """Start a new history of this room under a new id; the previous one is dropped."""
    drop(db, room)
    db.execute(
        "INSERT INTO room (name, epoch, last_seq, last_chain, base_chain, entries, entry_bytes) "
        "VALUES (?, ?, 0, ?, ?, 0, 0)",
        (room, epoch, _first_chain(epoch), _first_chain(epoch)),
    )


def append(db: sqlite3.Connection, batch: Sequence[Append]) -> None:
    """Append updates to rooms."""
    for each in batch:
        head = _head(db, each.room, each.epoch)
        rules.check_growing(head.last_seq, each.entries)
        if each.entries:
            _append(db, head, each.entries)


def _append(db: sqlite3.Connection, head: Head, entries: Sequence[Entry]) -> None:
    chain = head.last_chain
    rows = []
    for seq, update in ((entry.seq, entry.update) for entry in entries):
        chain = _chained(seq, update, chain)
        rows.append((head.id, seq, chain, update))
    db.executemany("INSERT INTO entry VALUES (?, ?, ?, ?)", rows)
    db.execute(
        "UPDATE room SET last_seq = ?, last_chain = ?, entries = entries + ?, entry_bytes = entry_bytes + ? "
        "WHERE id = ?",
        (entries[-1].seq, chain, len(rows), sum(len(row[3]) for row in rows), head.id),
    )


def mark(db: sqlite3.Connection, room: RoomId, epoch: Epoch, marks: Mapping[str, StoredMark | None]) -> None:
    """Set marks, or drop those given as None."""
    head = _head(db, room, epoch)
    rules.check_markable(_snapshot_seqs(db, head), [given.seq for given in marks.values() if given])
    for name, given in marks.items():
        if given is None:
            db.execute("DELETE FROM mark WHERE room = ? AND name = ?", (head.id, name))
        else:
            row = (head.id, name, given.seq, _mark_crc(name, given.seq, given.note), given.note)
            db.execute("INSERT OR REPLACE INTO mark VALUES (?, ?, ?, ?, ?)", row)


def compact(db: sqlite3.Connection, room: RoomId, epoch: Epoch, snapshots: Sequence[Snapshot], upto: int) -> None:
    """Replace the updates up to and with this number, and the snapshots that no mark names, by these."""
    head = _head(db, room, epoch)
    held = _snapshot_seqs(db, head)
    marked = [mark.seq for mark in _read_marks(db, head.id, None).values()]
    kept = rules.snapshots_to_keep(held, marked, head.last_seq, snapshots, upto)
    base_chain = _chain_at(db, head, upto)
    # What is dropped goes first: its pages take what comes, so that a full disk can still be made less full.
    db.execute("DELETE FROM entry WHERE room = ? AND seq <= ?", (head.id, upto))
    dropped = [(head.id, seq) for seq in held if seq not in kept]
    db.executemany("DELETE FROM snapshot WHERE room = ? AND seq = ?", dropped)
    rows = [(head.id, new.seq, _chained(new.seq, new.update, 0), new.update) for new in snapshots]
    db.executemany("INSERT INTO snapshot VALUES (?, ?, ?, ?)", rows)
    db.execute(
        "UPDATE room SET base_seq = ?, base_chain = ?, (entries, entry_bytes) = "
        "(SELECT count(*), coalesce(sum(length(data)), 0) FROM entry WHERE room = room.id) WHERE id = ?",
        (upto, base_chain, head.id),
    )


def _chain_at(db: sqlite3.Connection, head: Head, seq: int) -> int:
    """Return the chain after the change with this number."""
    row = db.execute(
        "SELECT chain FROM entry WHERE room = ? AND seq <= ? ORDER BY seq DESC LIMIT 1", (head.id, seq)
    ).fetchone()
    return int(row[0]) if row else head.base_chain


def attempt(db: sqlite3.Connection, room: RoomId) -> int:
    """Count an attempt to load; return how many there were."""
    db.execute("INSERT INTO attempt VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET count = count + 1", (room,))
    return int(db.execute("SELECT count FROM attempt WHERE name = ?", (room,)).fetchone()[0])


def settled(db: sqlite3.Connection, room: RoomId) -> None:
    """Start the count of attempts again."""
    db.execute("DELETE FROM attempt WHERE name = ?", (room,))


def forget(db: sqlite3.Connection, room: RoomId) -> None:
    """Drop all that is known of a room."""
    drop(db, room)
    settled(db, room)
    _drop_aside(db, room, keep=0)


def drop(db: sqlite3.Connection, room: RoomId) -> None:
    """Give up the room's history; the count of attempts stays.

    Its rows are left to ``sweep``: a damaged page among them must not keep the room from being begun anew.
    """
    db.execute("INSERT INTO dropped SELECT id FROM room WHERE name = ?", (room,))
    db.execute("DELETE FROM room WHERE name = ?", (room,))


def sweep(db: sqlite3.Connection) -> bool:
    """Remove the rows of one history that was given up; return whether there was one."""
    row = db.execute("SELECT room FROM dropped LIMIT 1").fetchone()
    if row is None:
        return False
    for table in ("entry", "snapshot", "mark", "dropped"):
        db.execute(f"DELETE FROM {table} WHERE room = ?", row)
    return True


# --- a damaged history ----------------------------------------------------------------------------------------


def salvage(db: sqlite3.Connection, room: RoomId, epoch: Epoch, upto: int | None) -> None:
    """Start a new history with what is sound of the previous one, which is kept aside."""
    found = _sound(db, room, upto)
    set_aside(db, room)
    _begin_with(db, room, epoch, found)


def _begin_with(db: sqlite3.Connection, room: RoomId, epoch: Epoch, found: rules.Salvaged) -> None:
    begin(db, room, epoch)
    if found.snapshots:
        append(db, [Append(room, epoch, [Entry(one.seq, one.update) for one in found.snapshots if one.seq])])
        compact(db, room, epoch, found.snapshots, found.snapshots[-1].seq)
    append(db, [Append(room, epoch, found.entries)])
    mark(db, room, epoch, found.marks)


def set_aside(db: sqlite3.Connection, room: RoomId) -> None:
    """Keep the room's history aside; the room has none then. The count of attempts stays."""
    db.execute("INSERT INTO aside SELECT * FROM room WHERE name = ?", (room,))
    db.execute("DELETE FROM room WHERE name = ?", (room,))
    _drop_aside(db, room, keep=ASIDE_KEPT)


def aside(db: sqlite3.Connection) -> list[RoomSize]:
    """Return what is kept aside, oldest first; the sizes are what the rows claim, snapshots not counted."""
    rows = db.execute("SELECT name, epoch, last_seq, entries, entry_bytes, 0 FROM aside ORDER BY id")
    return [RoomSize(*row) for row in rows]


def take_back(db: sqlite3.Connection, room: RoomId, number: int) -> None:
    """Make a history that was kept aside the room's; ``number`` 1 is the newest. The present one is dropped.

    Raises:
        StoreError: there are not so many.

    """
    row = db.execute(
        "SELECT id FROM aside WHERE name = ? ORDER BY id DESC LIMIT 1 OFFSET ?", (room, number - 1)
    ).fetchone()
    if row is None or number < 1:
        raise StoreError(f"The store keeps no {number} histories of {room} aside.")
    drop(db, room)
    db.execute("INSERT INTO room SELECT * FROM aside WHERE id = ?", row)
    db.execute("DELETE FROM aside WHERE id = ?", row)


def _drop_aside(db: sqlite3.Connection, room: RoomId, keep: int) -> None:
    rows = db.execute("SELECT id FROM aside WHERE name = ? ORDER BY id DESC LIMIT -1 OFFSET ?", (room, keep)).fetchall()
    db.executemany("INSERT INTO dropped VALUES (?)", rows)
    db.executemany("DELETE FROM aside WHERE id = ?", rows)


def _sound(db: sqlite3.Connection, room: RoomId, upto: int | None) -> rules.Salvaged:
    """Return what can be read of a room's history and is what was written; a disk that fails is no damage."""
    snapshots, entries, marks = list[Snapshot](), list[Entry](), dict[str, StoredMark]()
    head: Head | None = None
    with _until_damage():
        head = head_of(db, room)
    if head is None:
        return rules.Salvaged()
    seqs = list[int]()
    with _until_damage():
        for (seq,) in db.execute("SELECT seq FROM snapshot WHERE room = ? ORDER BY seq", (head.id,)):
            seqs += _typed((seq,), int)
    for seq in seqs:
        with _until_damage():
            snapshots.append(_read_snapshot(db, head.id, seq))
    with _until_damage():
        entries.extend(Entry(seq, data) for seq, data, _ in _chain(db, head, head.last_seq))
    with _until_damage():
        for row in db.execute("SELECT name, seq, crc, note FROM mark WHERE room = ?", (head.id,)):
            with _until_damage():
                marks.update([_mark_of(row)])
    return rules.salvaged(snapshots, head.base_seq, entries, marks, upto)


@contextmanager
def _until_damage() -> Iterator[None]:
    """Read until something is not what was written."""
    try:
        yield
    except StoreCorrupt:
        return
    except sqlite3.Error as error:
        if not isinstance(store_error(error), StoreCorrupt):
            raise


# --- one room from one file to another ------------------------------------------------------------------------


def carry_over(source: sqlite3.Connection, target: sqlite3.Connection, room: RoomId) -> None:
    """Copy a room's whole history into a file that does not have the room.

    Raises:
        StoreCorrupt: the history in the source is not what was written.

    """
    head = head_of(source, room)
    if head is None:
        raise StoreCorrupt(ROOM_DAMAGED)
    for upto in (*_snapshot_seqs(source, head), None):
        read(source, room, upto)
    for table, key in (("room", "id"), ("entry", "room"), ("snapshot", "room"), ("mark", "room")):
        rows = source.execute(f"SELECT * FROM {table} WHERE {key} = ?", (head.id,)).fetchall()
        if rows:
            target.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)


def carry_over_sound(source: sqlite3.Connection, target: sqlite3.Connection, room: RoomId) -> None:
    """Begin a room's history anew, in a file that does not have the room, with what is sound of it in another file."""
    found = _sound(source, room, None)
    if found.snapshots or found.entries:
        _begin_with(target, room, new_epoch(), found)


# --- checks -------------------------------------------------------------------------------------------------


def _head(db: sqlite3.Connection, room: RoomId, epoch: Epoch) -> Head:
    """Return the row of a room that is to be written."""
    head = head_of(db, room)
    rules.check_epoch(head.epoch if head else None, epoch)
    assert head is not None
    return head


def _typed(row: tuple[Any, ...], *types: Any) -> tuple[Any, ...]:
    """Return the row if its values have these types, as a damaged one may not."""
    if len(row) != len(types) or not all(map(isinstance, row, types)):
        raise StoreCorrupt(ROOM_DAMAGED)
    return row


def _chained(seq: int, data: bytes, before: int) -> int:
    return crc32(data, crc32(seq.to_bytes(8, "big", signed=True), before))


def _first_chain(epoch: Epoch) -> int:
    return crc32(epoch.encode())


def _mark_crc(name: str, seq: int, note: str) -> int:
    return _chained(seq, f"{name}\0{note}".encode(), 0)
