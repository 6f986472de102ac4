"""Shortening a room's log, when it has grown beyond what the document itself weighs.

The log is read, replayed, proved and replaced (``history.compacted``); the live document is not touched, and a
failure changes nothing. What the saved mark needs stays readable.

A history that turns out to be damaged is not shortened, but written anew from the living document (``way_back``). After
another failure it is tried again later: while the log fails as a whole, ever less often; where this history is the
fault, when it has grown as much again. The same failure of a room is logged once.
"""

from __future__ import annotations

import asyncio
import logging
import math

from ..errors import StoreCorrupt, StoreError, StoreUnavailable
from ..store.log import History, Log
from .history import compacted
from .open_room import OpenRoom, Postponed
from .spare_memory import give_back

LONG = 2**20
"""Bytes of history from which on a shorter one is calculated on a thread."""

FIRST_DELAY = 10.0
"""Seconds after which it is tried again where the log failed; then twice as many, and so on."""
LONGEST_DELAY = 600.0

_log = logging.getLogger(__name__)


def is_due(place: OpenRoom, min_bytes: int, max_rows: int, now: float) -> bool:
    """Whether the room's log outweighs its snapshot, or has so many rows that opening it becomes slow."""
    if not place.logged or place.compacting or place.unstored or place.late_marks:
        return False
    if _must_wait(place, now):
        return False
    return place.log_bytes >= max(min_bytes, place.snapshot_bytes) or place.log_rows >= max_rows


async def compact(log: Log, place: OpenRoom, now: float) -> None:
    """Replace the room's log by snapshots; ``now`` is what a next attempt after a failure is counted from."""
    is_long = place.snapshot_bytes + place.log_bytes > LONG
    await _compact(log, place, now, is_long=is_long)
    if is_long:
        await give_back()  # reading and replaying took several times the document


async def _compact(log: Log, place: OpenRoom, now: float, *, is_long: bool) -> None:
    try:
        history = await _history(log, place)
        if history is None or history.epoch != place.epoch:
            return
        keep = [mark.seq for mark in history.marks.values()]
        snapshots = await asyncio.to_thread(compacted, history, keep) if is_long else compacted(history, keep)
        await log.compact(place.id, history.epoch, snapshots, snapshots[-1].seq)
        place.snapshot_bytes = sum(len(snapshot.update) for snapshot in snapshots)
        place.log_bytes = place.log_rows = 0
        place.postponed = None
    except StoreError as error:
        _postpone(place, error, now)
    finally:
        place.compacting = False


async def _history(log: Log, place: OpenRoom) -> History | None:
    """Return what is to be shortened; if it is damaged, have the living document take its place instead."""
    try:
        return await log.read(place.id)
    except StoreCorrupt as error:
        if place.room is None or place.around is not None:
            raise
        place.damage_found = error.words
        place.room.out.wake()
        return None


def _must_wait(place: OpenRoom, now: float) -> bool:
    """Whether the last attempt failed and nothing has changed since."""
    last = place.postponed
    return last is not None and now < last.until and place.log_rows < 2 * last.rows


def _postpone(place: OpenRoom, error: StoreError, now: float) -> None:
    last = place.postponed
    if last is None or last.words != error.words:
        _log.warning("The history of room %s was not shortened: %s", place.id, error.words)
    delay = FIRST_DELAY if last is None else min(2 * last.delay, LONGEST_DELAY)
    until = now + delay if isinstance(error, StoreUnavailable) else math.inf
    place.postponed = Postponed(error.words, until, delay, place.log_rows)
