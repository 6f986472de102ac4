"""How a room ends: what it has is stored and saved, then it is freed; whatever fails, nothing is left out for that.

* Who watches the document hears of every change before the keeper saves for the last time.
* Of a room in which something unforeseen happened, the whole document goes into the log.
* Of a room that could not be filled, nothing goes into the log; but its keeper lets go of what it holds by then.
* Who comes meanwhile waits until the room is gone (``OpenRoom.closed``), and gets a new one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ..notices import Announce, Notice, NoticeKind
from .containment import contained, logged, within
from .open_room import OpenRoom, Phase, Seat
from .pump import Pump
from .way_back import WayBack


class Closing:
    """Closes rooms, for the hub."""

    def __init__(
        self,
        pump: Pump,
        way_back: WayBack,
        announce: Announce,
        now: Callable[[], float],
        *,
        leave: Callable[[Seat], None],
        forget: Callable[[OpenRoom], None],
    ) -> None:
        """Get ready; ``leave`` takes a participant's seat away, ``forget`` is told that a room is gone."""
        self._pump = pump
        self._way_back = way_back
        self._announce = announce
        self._now = now
        self._leave = leave
        self._forget = forget

    async def close(self, place: OpenRoom) -> None:
        """Close a room."""
        place.phase = Phase.CLOSING if place.filled else Phase.FAILED
        place.closed = asyncio.get_running_loop().create_future()
        try:
            await (self._close(place) if place.filled else self._give_up(place))
        finally:
            self._forget(place)
            place.closed.set_result(None)

    async def _close(self, place: OpenRoom) -> None:
        fails = _fails(place)
        if place.room:
            with contained(fails):
                place.room.doubts.give_up(self._now())
                if place.failure is not None:
                    place.room.changes.log_whole()
        await within(self._pump.flush(), fails)
        if place.keeper is not None:
            await within(place.keeper.close(), fails)
            await within(self._pump.flush(), fails)
        await within(self._way_back.part(place), fails)
        self._send_away(place)
        if place.room:
            with contained(fails):
                place.room.close()
        place.watchers.clear()
        self._announce(Notice(NoticeKind.ROOM_CLOSED, place.id))

    async def _give_up(self, place: OpenRoom) -> None:
        fails = _fails(place)
        if place.room:
            with contained(fails):
                place.room.close()  # what its keeper still changes is not noted any more
                place.room.take()
        self._send_away(place)
        if place.keeper is not None:
            await within(place.keeper.close(), fails)
        place.watchers.clear()

    def _send_away(self, place: OpenRoom) -> None:
        for seat in list(place.seats.values()):
            with contained(logged(f"A connection to room {place.id} could not be closed")):
                seat.outbox.close(place.failure)
            self._leave(seat)


def _fails(place: OpenRoom) -> Callable[[BaseException], None]:
    return logged(f"Closing room {place.id} failed")
