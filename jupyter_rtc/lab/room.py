"""How JupyterLab's frontends name rooms and are told of refusals.

A frontend that shows a dialog because it was closed dials again every tenth of a second until its user answers, and
each further close would queue another dialog. So it is told once, and its further calls are left on hold for a
while: accepted, never served. A client that is on hold hears nothing, and ends by itself when its user reloads.
Who opens the document anew, which begins with a request of its own, is told again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from ..errors import ProtocolError, RtcError
from ..ids import Epoch, RoomId, parse_room, room_kind
from ..relay.websocket import Manner
from .closing import closing, shows_dialog

MAX_TOLD = 10_000
"""How many of those who were told are remembered; each is an address, an epoch and a name."""

HOLD_SECONDS = 20.0
"""How long the calls of one that was told are left on hold; y-websocket gives up a silent link after 30 s."""

Caller = tuple[RoomId, Epoch | None, str]


class Told:
    """Who was told by a dialog that a document was closed, and when."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._when: OrderedDict[Caller, float] = OrderedDict()

    def tell(self, caller: Caller) -> None:
        """Note that this caller was told."""
        self._when[caller] = self._now()
        self._when.move_to_end(caller)
        if len(self._when) > MAX_TOLD:
            self._when.popitem(last=False)

    def open(self, room: RoomId, epoch: Epoch, username: str) -> None:
        """Note that a user opens the document, and was given this epoch, which is empty if there is none."""
        self._when.pop((room, epoch or None, username), None)

    def is_told(self, room: RoomId, epoch: Epoch | None, username: str) -> bool:
        """Whether this caller was told a short while ago."""
        when = self._when.get((room, epoch, username))
        return when is not None and self._now() - when < HOLD_SECONDS


def lab_manner(told: Told) -> Manner:
    """Return JupyterLab's manner; ``told`` remembers who was told."""

    def close(error: RtcError | None, room: RoomId, epoch: Epoch | None, username: str) -> tuple[int, str]:
        code, reason = closing(error, epoch)
        if shows_dialog(code):
            told.tell((room, epoch, username))
        return code, reason

    return Manner(room=lab_room, closing=close, is_told=told.is_told)


def lab_room(address: str, _username: str = "") -> RoomId:
    """Return the room at an address below ``api/collaboration/room/``.

    Raises:
        ProtocolError: no room can have this address: it is neither a file's nor that of global awareness.

    """
    room = parse_room(address)
    if room_kind(room) is None:
        raise ProtocolError("No document has this address.")
    return room
