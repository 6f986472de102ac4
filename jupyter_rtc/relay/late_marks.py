"""Marks that a failing log did not take, until it does.

They name states of which the changes may wait for the log as well, and are set as soon as those are in it: a history
without the mark of what its file has cannot be used when it is opened again.
"""

from __future__ import annotations

from collections.abc import Mapping

from pycrdt import merge_updates

from ..errors import StoreError, StoreUnavailable
from ..store.log import Entry, Log, StoredMark
from .open_room import OpenRoom

Marks = Mapping[str, StoredMark | None]


def take(place: OpenRoom, marks: Marks) -> bool:
    """Keep marks until they can be set; return whether that will be: not if the log will not have their states.

    Where changes wait for the log, the whole document may stand for those that a mark names, and for later ones.
    """
    waiting = {entry.seq for entry in place.unstored}
    known = place.marks.values()
    if waiting and any(mark and mark.seq not in waiting and mark not in known for mark in marks.values()):
        return False
    place.late_marks.update(marks)
    return True


async def mark_late(log: Log, place: OpenRoom) -> bool:
    """Set a room's late marks, if all its changes are in the log; return whether they are set.

    Raises:
        StoreError: they are not. If that is for a reason other than that the log fails at present, they are given up.

    """
    if place.unstored:
        return False
    marks = dict(place.late_marks)
    if not marks:
        return True
    assert place.epoch is not None
    try:
        await log.mark(place.id, place.epoch, marks)
    except StoreUnavailable:
        raise
    except StoreError:
        _forget(place, marks)
        raise
    place.keep(marks)
    _forget(place, marks)
    return True


def _forget(place: OpenRoom, marks: Marks) -> None:
    """Keep only those late marks that have come after these."""
    late = place.late_marks.items()
    place.late_marks = {name: mark for name, mark in late if name not in marks or mark != marks[name]}


def fold(place: OpenRoom, whole: Entry) -> None:
    """Have the whole document stand for what waits for the log, and the states that late marks name for themselves.

    If these would weigh more than the document, the marks are given up.
    """
    named = {mark.seq for mark in place.late_marks.values() if mark}
    states, updates = list[Entry](), list[bytes]()
    for entry in place.unstored:
        updates.append(entry.update)
        if entry.seq in named:
            states.append(Entry(entry.seq, updates[0] if len(updates) == 1 else merge_updates(*updates)))
            updates = []
    if sum(len(state.update) for state in states) > len(whole.update):
        states, place.late_marks = [], {}
    place.unstored = [*(state for state in states if state.seq < whole.seq), whole]
