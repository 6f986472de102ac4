"""How rooms that are led around the store come back into it.

It is tried again and again, ever less often. A room whose history was merely not begun goes back while people edit it.
Where the store turns out to have another history of it, which could not be read when the room was opened, the room is
closed as soon as its file has everything: when it is opened again, that history is used, and what the file has besides
is merged into it, as any change that was made outside.

A history that turns out to be damaged while its room is open is led around the store as well, whole, as the living
document has it, and takes the place of the damaged one, which is kept aside.

Nothing in memory is given up that is in no file. If such a room has to close, its history takes the place of the one in
the store, which is kept aside there.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any

from ..errors import StoreCorrupt, StoreError
from ..ids import RoomId
from ..notices import Announce, Notice, NoticeKind
from ..protocol.messages import Problem
from ..store.detour import Detour
from ..store.log import Append, Entry
from .containment import Fail, logged
from .history import rebuild
from .open_room import Around, OpenRoom, Phase

RETRY = 1.0
"""Seconds before the first attempt."""

LONGEST = 60.0
"""Seconds between two attempts at the most."""

UNKEPT_BRIEF = "not stored"
UNKEPT = "Until that is mended, what is written here is in memory: if the server is killed, what no file has is lost."
STORED_AGAIN = "The history of this document is stored again."


async def lead_around(log: Detour, place: OpenRoom, now: float) -> None:
    """Lead an open room around a history that is damaged; its ``unstored`` is the whole document then.

    The states that marks name go with it as far as they can be read; otherwise the marks are given up. A history that
    is damaged again after it was written anew stays in memory: this store cannot be trusted.
    """
    assert place.epoch is not None
    words, place.damage_found, place.failing = place.damage_found, "", ""
    states = {mark.seq: await _state(log, place.id, mark.seq) for mark in place.marks.values()}
    kept = {seq: update for seq, update in sorted(states.items()) if update is not None}
    entries = [Entry(seq, update) for seq, update in kept.items() if seq]
    place.marks = {name: mark for name, mark in place.marks.items() if mark.seq in kept}
    await log.around(place.id, place.epoch, damaged=True)
    await log.append([Append(place.id, place.epoch, entries)])
    await log.mark(place.id, place.epoch, place.marks)
    place.unstored = [entry for entry in place.unstored if entry.seq not in kept]
    place.log_rows, place.log_bytes, place.snapshot_bytes = 0, 0, sum(len(entry.update) for entry in place.unstored)
    place.around = Around(f"{words} {UNKEPT}", now if not place.mended else math.inf)
    place.damage = f"{words} The document as it is replaces this history, which is kept aside."
    place.mended = True


async def _state(log: Detour, room: RoomId, seq: int) -> bytes | None:
    """Return the document as it was at a number, if that can be read."""
    try:
        history = await log.read(room, seq)
        return None if history is None else bytes(rebuild(history).get_update())
    except StoreError:
        return None


class WayBack:
    """Brings rooms back into the store."""

    def __init__(
        self,
        log: Detour,
        announce: Announce,
        *,
        spawn: Callable[[Coroutine[Any, Any, None], Fail], None],
        close_room: Callable[[OpenRoom], Awaitable[None]],
    ) -> None:
        """Get ready; ``spawn`` runs what takes time."""
        self._log = log
        self._announce = announce
        self._spawn = spawn
        self._close_room = close_room

    def look_at(self, places: Iterable[OpenRoom], now: float) -> None:
        """Try what is due in these rooms, which are ready."""
        for place in places:
            around = place.around
            if around is not None and not around.trying and now >= around.due:
                around.trying = True
                fails = logged(f"Room {place.id} could not be brought back into the store")
                self._spawn(self._try(place, around, now), fails)

    async def part(self, place: OpenRoom) -> None:
        """Decide what becomes of the history of a room that closes, and whose keeper has saved what it could."""
        if place.around is None:
            return
        hides = self._log.hides(place.id)
        if hides and _is_saved(place):
            await self._log.abandon(place.id)
            return
        try:
            await self._log.back(place.id, instead=hides)
        except StoreError as error:
            words = f"{error.words} The history of this document stays in memory until it is opened again."
            self._announce(Notice(NoticeKind.STORE_FAILED, place.id, words))

    async def _try(self, place: OpenRoom, around: Around, now: float) -> None:
        try:
            is_back = await self._log.back(place.id)
        except StoreCorrupt:
            is_back = False
            around.due = math.inf
        except StoreError:
            around.delay = min(2 * around.delay, LONGEST)
            around.due = now + around.delay
            return
        finally:
            around.trying = False
        if place.phase is not Phase.READY:
            return  # it was closed meanwhile, which has decided
        if is_back:
            self._returned(place)
        elif self._log.hides(place.id):
            around.due = now + around.delay
            if _is_saved(place):
                await self._close_room(place)

    def _returned(self, place: OpenRoom) -> None:
        place.around = None
        self._announce(Notice(NoticeKind.STORE_RECOVERED, place.id, STORED_AGAIN))
        if place.room is not None:
            place.room.tell(Problem("store recovered", STORED_AGAIN), lasts=False)


def _is_saved(place: OpenRoom) -> bool:
    """Whether the file has all that the document has."""
    return place.keeper is not None and not place.keeper.status().get("unsaved", False)
