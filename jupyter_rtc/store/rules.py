"""What may be written to a log, and what can be read from it. Pure.

Every implementation asks here, so that all of them refuse the same things:

* a write under another epoch than the room's;
* an update whose number does not grow;
* reading, or marking, a state that compaction has dropped;
* a compaction that goes back, runs ahead of the log, or drops a state that a mark still names.

A state can be read if its number is a snapshot's, or is not before the newest snapshot: all updates after the
newest snapshot are there, and none before it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ..errors import StoreError, StoreUnavailable
from ..ids import Epoch
from .log import Entry, Snapshot, StoredMark


def not_open() -> StoreUnavailable:
    """Return what a log answers that is not open."""
    return StoreUnavailable("The store is not open: the server is starting or stopping.")


def check_epoch(held: Epoch | None, given: Epoch) -> None:
    """Refuse a write to a history that the room does not have (any more)."""
    if held != given:
        raise StoreError("This history of the document was given up; reload the document to go on.")


def check_growing(last_seq: int, entries: Iterable[Entry]) -> None:
    """Refuse updates whose numbers do not grow."""
    for entry in entries:
        if entry.seq <= last_seq:
            raise StoreError(f"A change with the number {entry.seq} was written after number {last_seq}.")
        last_seq = entry.seq


def snapshot_below(snapshots: Collection[int], upto: int | None) -> int | None:
    """Return the number of the snapshot on which the state at ``upto`` rests; None: on the empty document.

    Raises:
        StoreError: compaction has dropped that state.

    """
    newest = max(snapshots, default=None)
    if upto is None or newest is None or upto >= newest:
        return newest
    if upto not in snapshots:
        raise StoreError(f"The state at number {upto} was dropped when the history was shortened.")
    return upto


def check_markable(snapshots: Collection[int], seqs: Iterable[int]) -> None:
    """Refuse marks at states that cannot be read any more."""
    for seq in seqs:
        snapshot_below(snapshots, seq)


def snapshots_to_keep(
    held: Collection[int], marked: Iterable[int], last_seq: int, given: Sequence[Snapshot], upto: int
) -> frozenset[int]:
    """Return the numbers of the snapshots that survive a compaction because a mark names their state.

    Args:
        held: the numbers of the room's snapshots.
        marked: the numbers of the room's marks.
        last_seq: the number of the room's last change.
        given: the snapshots that are to come.
        upto: up to which number the log is to be replaced.

    Raises:
        StoreError: the compaction would lose something.

    """
    numbers = [snapshot.seq for snapshot in given]
    if not numbers or numbers[-1] != upto or numbers != sorted(set(numbers)):
        raise StoreError("The snapshots of a shortened history ascend and end where it ends.")
    if upto > last_seq or upto < max(held, default=0):
        raise StoreError("A history is shortened up to a number between its newest snapshot and its end.")
    needed = {seq for seq in marked if seq <= upto} - set(numbers)
    newest = max(held, default=-1)
    if any(seq > newest for seq in needed):
        raise StoreError("Shortening this history would drop a state that a mark names.")
    return frozenset(needed & set(held))


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What a history begins with that comes from another one."""

    snapshots: Sequence[Snapshot] = ()
    """Ascending; the last one is the one on which the updates rest."""
    entries: Sequence[Entry] = ()
    marks: Mapping[str, StoredMark] = field(default_factory=dict)


def salvaged(
    snapshots: Iterable[Snapshot],
    base: int | None,
    entries: Iterable[Entry],
    marks: Mapping[str, StoredMark],
    upto: int | None = None,
) -> Salvaged:
    """Return what is used of a history of which only this can be read.

    Args:
        snapshots: those that are sound.
        base: the number of the snapshot on which the updates rest; None: on the empty document.
        entries: the updates after it, before the first that is not sound.
        marks: those that are sound.
        upto: the number of the last change that may be used; None: all.

    """
    sound = {one.seq: one for one in snapshots if upto is None or one.seq <= upto}
    newest = max(sound, default=None)
    rest = [one for one in entries if upto is None or one.seq <= upto] if newest == base else []
    first = newest or 0
    last = rest[-1].seq if rest else first
    kept = {name: mark for name, mark in marks.items() if mark.seq in sound or first <= mark.seq <= last}
    named = {mark.seq for mark in kept.values()}
    return Salvaged([sound[seq] for seq in sorted(sound) if seq == newest or seq in named], rest, kept)
