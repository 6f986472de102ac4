"""Which rooms end the process when they are loaded: attempts are counted in the log, and taken back at their end.

* A room that stopped the process several times while it was loaded is not loaded again; one that cannot be loaded for
  a reason that can be told never counts as such.
* Whose fault it was cannot be told where several were being loaded. So rooms that were, when the process ended, are
  loaded one after another from then on, until they end well: what waits for its turn does not count as being loaded.
  It waits only so long; a file system that is slow stops nobody, and one that hangs is waited for once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from ..errors import DocumentQuarantined, StoreError
from ..ids import RoomId
from ..notices import Announce, Notice, NoticeKind
from ..store.log import Log

QUARANTINED = (
    "Opening this document stopped the server several times, so it is not opened again; its file is untouched. "
    "An administrator can let it be opened again, or reset its history, with `jupyter rtc store`."
)

PATIENCE = 10.0
"""Seconds that a room waits for others that were being loaded as well when the process ended."""


class Attempts:
    """Counts attempts to load rooms."""

    def __init__(self, log: Log, announce: Announce, limit: int, now: Callable[[], float] = time.monotonic) -> None:
        """Get ready; after ``limit`` attempts that ended with the process, a room is not loaded."""
        self._now = now
        self._log = log
        self._announce = announce
        self._limit = limit
        self._turn = asyncio.Lock()
        """Held while a room is loaded that was being loaded when the process ended."""
        self._held_since = 0.0
        self._unsettled: set[RoomId] = set()
        """Rooms that were loaded, or failed in words, without that the log could be told so."""

    @asynccontextmanager
    async def attempt(self, room: RoomId) -> AsyncIterator[None]:
        """Load the room within this; what ends it with the process, and nothing else, is counted against the room.

        Raises:
            DocumentQuarantined: that happened too often.

        """
        is_suspect = await self._is_suspect(room)
        has_turn = is_suspect and await self._wait_for_turn()
        try:
            await self._count(room)
            try:
                yield
            finally:
                await self._settle(room)
        finally:
            if has_turn:
                self._turn.release()

    async def settle_rest(self) -> None:
        """Tell the log what it could not be told before."""
        for room in tuple(self._unsettled):
            await self._settle(room)

    async def _is_suspect(self, room: RoomId) -> bool:
        try:
            return room not in self._unsettled and await self._log.attempts(room) > 0
        except StoreError:
            return False  # the log fails as a whole, which whoever reads the history says in words

    async def _wait_for_turn(self) -> bool:
        held = self._now() - self._held_since if self._turn.locked() else 0.0
        try:
            async with asyncio.timeout(PATIENCE - held):
                await self._turn.acquire()
        except TimeoutError:
            return False
        self._held_since = self._now()
        return True

    async def _settle(self, room: RoomId) -> None:
        """Tell the log that loading the room came to an end; otherwise it would count against the room one day."""
        try:
            await self._log.settled(room)
        except StoreError as error:
            if room not in self._unsettled:
                self._announce(Notice(NoticeKind.STORE_FAILED, room, error.words))
            self._unsettled.add(room)
        else:
            self._unsettled.discard(room)

    async def _count(self, room: RoomId) -> None:
        if room in self._unsettled:
            await self._settle(room)
        if room in self._unsettled:
            return  # the log still has attempts that came to an end
        try:
            attempts = await self._log.attempt(room)
        except StoreError:
            return
        if attempts > self._limit:
            raise DocumentQuarantined(QUARANTINED)
