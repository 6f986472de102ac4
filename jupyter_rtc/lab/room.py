"""How JupyterLab's frontends name rooms and are told of refusals.

A frontend whose epoch is refused shows a dialog and dials again every tenth of a second until its user answers;
each further close would queue another dialog. So it is told once, and its further calls are left on hold:
accepted, never served. A client that is on hold hears nothing, and ends by itself when its user reloads.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from ..errors import EpochMismatch, ProtocolError, RtcError
from ..ids import Epoch, RoomId, parse_room, room_kind
from ..relay.websocket import Manner
from .closing import closing

MAX_TOLD = 10_000
"""How many holders of old epochs are remembered; each is an address and an epoch."""

TOLD_SECONDS = 600.0
"""How long one is left on hold after it was told; afterwards it may be told again."""


class Told:
    """Which holders of an old epoch were told to reload, and when."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._when: OrderedDict[tuple[RoomId, Epoch], float] = OrderedDict()

    def tell(self, room: RoomId, epoch: Epoch) -> None:
        """Note that this holder was told."""
        self._when[room, epoch] = self._now()
        self._when.move_to_end((room, epoch))
        if len(self._when) > MAX_TOLD:
            self._when.popitem(last=False)

    def is_told(self, room: RoomId, epoch: Epoch) -> bool:
        """Whether this holder was told a short while ago."""
        when = self._when.get((room, epoch))
        return when is not None and self._now() - when < TOLD_SECONDS


def lab_manner(now: Callable[[], float]) -> Manner:
    """Return JupyterLab's manner."""
    told = Told(now)

    def close(error: RtcError | None, room: RoomId, epoch: Epoch | None) -> tuple[int, str]:
        if isinstance(error, EpochMismatch) and epoch is not None:
            told.tell(room, epoch)
        return closing(error, None, epoch)

    return Manner(room=lab_room, closing=close, is_told=told.is_told)


def lab_room(address: str) -> RoomId:
    """Return the room at an address below ``api/collaboration/room/``.

    Raises:
        ProtocolError: no room can have this address: it is neither a file's nor that of global awareness.

    """
    room = parse_room(address)
    if room_kind(room) is None:
        raise ProtocolError("No document has this address.")
    return room
