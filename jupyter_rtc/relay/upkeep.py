"""What the passing of time brings to rooms: life signs, departures, slow participants, rights, rooms to be freed.

It is told when a moment has passed, and looks at every room that is ready. What takes time is given to the hub's tasks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from functools import partial
from typing import Any

from ..errors import NotAllowed, ParticipantError
from ..store.log import Log
from . import compaction
from .containment import Fail, contained, logged
from .open_room import OpenRoom, Seat
from .outbox import websocket_frame
from .session import Standing
from .settings import HubSettings
from .spare_memory import give_back

KEEP_ALIVE = websocket_frame(b"\x01\x01\x00")
"""An awareness message about nobody: y-websocket redials a link that was silent for 30 s."""


TRIM_AGAIN = 5.0
"""Seconds after which memory is given back once more: a file's keeper still reads what was just opened for a while."""


class Upkeep:
    """Looks after one hub's rooms."""

    def __init__(
        self,
        log: Log,
        settings: HubSettings,
        *,
        spawn: Callable[[Coroutine[Any, Any, None], Fail], None],
        refuse: Callable[[Seat, ParticipantError], None],
        fail: Callable[[OpenRoom, BaseException], None],
        close_room: Callable[[OpenRoom], Awaitable[None]],
    ) -> None:
        """Get ready; ``spawn`` runs what takes time, ``fail`` ends a room, the others do what their names say."""
        self._log = log
        self._settings = settings
        self._spawn = spawn
        self._refuse = refuse
        self._fail = fail
        self._close_room = close_room
        self._trim_at: float | None = None

    def look_at(self, places: Iterable[OpenRoom], now: float) -> None:
        """Do what is due in these rooms, which are ready."""
        for place in places:
            with contained(partial(self._fail, place)):
                self._look_at(place, now)
        if self._trim_at is not None and now >= self._trim_at:
            self._trim_at = None
            self._trim()

    def _trim(self) -> None:
        self._spawn(give_back(), logged("Memory could not be given back."))

    def _look_at(self, place: OpenRoom, now: float) -> None:
        if place.room and place.room.tick(now):
            self._trim()
            self._trim_at = now + TRIM_AGAIN
        for seat in list(place.seats.values()):
            self._look_after(seat, now)
        self._free_if_idle(place, now)
        if compaction.is_due(place, self._settings.compact_bytes, self._settings.compact_rows, now):
            place.compacting = True
            self._spawn(compaction.compact(self._log, place, now), partial(_stays_long, place))

    def _look_after(self, seat: Seat, now: float) -> None:
        waiting = seat.outbox.waiting_since
        if waiting is not None and now - waiting > self._settings.slow_after:
            self._refuse(seat, _TooSlow("This connection took no bytes for a while; it may come back."))
            return
        if now - seat.outbox.last_write > self._settings.quiet:
            seat.outbox.put(KEEP_ALIVE, b"", b"", now)
        if seat.question is not None:
            if now - seat.asked > self._settings.permission_patience and seat.room.room:
                seat.room.room.suspend(seat.id)
        elif now - seat.asked > self._settings.permission_interval:
            seat.asked = now
            self._spawn(self._ask_again(seat), partial(self._cannot_ask, seat))

    async def _ask_again(self, seat: Seat) -> None:
        """Ask what the user may do now; one question at a time, which ends with the seat."""
        seat.question = asyncio.current_task()
        try:
            standing = await seat.outbox.standing()
        finally:
            seat.question = None
        if standing is Standing.GONE:
            self._refuse(seat, NotAllowed("You may not read this document any more."))
        elif seat.room.room:
            seat.room.room.set_standing(seat.id, standing)

    def _cannot_ask(self, seat: Seat, error: BaseException) -> None:
        logged("It could not be found out what somebody may do, so they may do nothing.")(error)
        self._refuse(seat, NotAllowed("It could not be found out what you may do in this document."))

    def _free_if_idle(self, place: OpenRoom, now: float) -> None:
        delay = self._settings.cleanup_delay
        if delay is None or not place.deserted or place.unstored or place.late_marks or now - place.idle_since < delay:
            return
        if place.keeper is None or place.keeper.holds() is None:
            self._spawn(self._free(place), partial(self._fail, place))

    async def _free(self, place: OpenRoom) -> None:
        """Close the room, unless somebody has come since."""
        if place.deserted:
            await self._close_room(place)


def _stays_long(place: OpenRoom, error: BaseException) -> None:
    """Leave a history as it is that cannot be shortened for an unforeseen reason, until its room is opened again."""
    place.compacting = True
    logged(f"The history of room {place.id} was not shortened")(error)


class _TooSlow(ParticipantError):
    """The participant takes no bytes."""

    code = "too_slow"
    close_code = 1013
