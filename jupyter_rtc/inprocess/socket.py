"""Both ends of a connection to a room of the same process: a link for the relay, a websocket for the client.

The client talks over it as over a network, message by message, so that everything else is the same: its own copy of the
document, what is applied and stored, presence, permission, and what happens when a room ends.
"""

from __future__ import annotations

import asyncio
from asyncio import Future, Queue

from ..errors import RtcError
from ..ids import RoomId
from ..relay.hub import Hub
from ..relay.open_room import Seat, Visitor
from ..relay.session import Standing
from ..relay.websocket import plain_closing


class InnerSocket:
    """One connection; what ``RemoteDocument`` uses of a websocket."""

    def __init__(self, hub: Hub, room: RoomId, visitor: Visitor) -> None:
        """Take a seat in a room; raises DocumentError."""
        self.close_code: int | None = None
        self.close_reason: str | None = None
        self._hub = hub
        self._room = room
        self._visitor = visitor
        self._arrived: Queue[bytes | None] = Queue()
        self._seat: Seat | None = hub.join(room, self, visitor)

    # --- the client's end -------------------------------------------------------------------------------

    def write_message(self, data: bytes, binary: bool = True) -> Future[None]:
        """Say something to the room."""
        if self._seat is not None:
            self._hub.receive(self._seat, data)
        written: Future[None] = asyncio.get_running_loop().create_future()
        written.set_result(None)
        return written

    async def read_message(self) -> bytes | None:
        """Return the next message; None when the connection has ended."""
        return await self._arrived.get()

    def close(self) -> None:
        """Give the seat back."""
        if self._seat is not None:
            self._hub.leave(self._seat)
            self._gone()

    # --- the relay's end --------------------------------------------------------------------------------

    def write_frames(self, data: bytes) -> None:
        """Take these whole websocket frames."""
        for message in messages_in(data):
            self._arrived.put_nowait(message)

    def end(self, error: RtcError | None) -> None:
        """Close, because of this error, or because the server goes away."""
        self.close_code, self.close_reason = plain_closing(error, self._room, self._visitor.epoch, "")
        self._gone()

    async def standing(self) -> Standing:
        """Say what the extension may do, which does not change: it runs with the rights of the server."""
        return self._visitor.standing

    def _gone(self) -> None:
        self._seat = None
        self._arrived.put_nowait(None)


def messages_in(frames: bytes) -> list[bytes]:
    """Return what is in whole, unmasked, unfragmented websocket frames (RFC 6455 section 5.2)."""
    messages, at = [], 0
    while at < len(frames):
        size, start = frames[at + 1], at + 2
        if size >= 126:
            start += 2 if size == 126 else 8
            size = int.from_bytes(frames[at + 2 : start], "big")
        at = start + size
        messages.append(frames[start:at])
    return messages
