"""Shortening a room's log, when it has grown beyond what the document itself weighs.

The log is read, replayed, proved and replaced (``history.compacted``); the live document is not touched, and a
failure changes nothing. What the saved mark needs stays readable.
"""

from __future__ import annotations

import asyncio
import logging

from ..errors import StoreError
from ..store.log import Log
from .history import compacted
from .open_room import OpenRoom

LONG = 2**20
"""Bytes of history from which on a shorter one is calculated on a thread."""

_log = logging.getLogger(__name__)


def is_due(place: OpenRoom, min_bytes: int, max_rows: int) -> bool:
    """Whether the room's log outweighs its snapshot, or has so many rows that opening it becomes slow."""
    if not place.logged or place.compacting or place.unstored:
        return False
    return place.log_bytes >= max(min_bytes, place.snapshot_bytes) or place.log_rows >= max_rows


async def compact(log: Log, place: OpenRoom) -> None:
    """Replace the room's log by snapshots."""
    try:
        history = await log.read(place.id)
        if history is None or history.epoch != place.epoch:
            return
        keep = [mark.seq for mark in history.marks.values()]
        is_long = place.snapshot_bytes + place.log_bytes > LONG
        snapshots = await asyncio.to_thread(compacted, history, keep) if is_long else compacted(history, keep)
        await log.compact(place.id, history.epoch, snapshots, snapshots[-1].seq)
        place.snapshot_bytes = sum(len(snapshot.update) for snapshot in snapshots)
        place.log_bytes = place.log_rows = 0
    except StoreError as error:
        _log.warning("The history of room %s was not shortened: %s", place.id, error.words)
    finally:
        place.compacting = False
