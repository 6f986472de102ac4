"""A link joined in memory to a ``Peer``: what a websocket does, with the faults that websockets have.

Frames are delivered at once unless the link is ``stuck``: then the far end takes no more bytes, as a laptop that
sleeps, until ``release``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from ..errors import RtcError
from ..ids import SERVER_PREFIX, RoomId, parse_room
from ..relay.hub import Hub
from ..relay.open_room import Seat, Visitor
from ..relay.presence import Identity
from ..relay.session import Standing
from .peer import Peer


def messages_in(frames: bytes) -> Iterator[bytes]:
    """Yield the payloads of whole, unmasked websocket frames (RFC 6455 section 5.2)."""
    at = 0
    while at < len(frames):
        size, start = frames[at + 1], at + 2
        if size == 126:
            size, start = int.from_bytes(frames[at + 2 : at + 4], "big"), at + 4
        elif size == 127:
            size, start = int.from_bytes(frames[at + 2 : at + 10], "big"), at + 10
        at = start + size
        yield frames[start:at]


class MemoryLink:
    """The server's end of a connection to a peer in the same process."""

    def __init__(self, peer: Peer, standing: Standing = Standing.WRITING) -> None:
        self.peer = peer
        self.may = standing
        """What the peer's user may do; change it to take a permission away."""
        self.writes = 0
        self.ended = False
        self.error: RtcError | None = None
        """Why the server closed the link, if it did because of an error."""
        self.seat: Seat | None = None
        self._stuck: asyncio.Future[None] | None = None
        self._undelivered: list[bytes] = []

    def write_frames(self, data: bytes) -> asyncio.Future[None] | None:
        """Deliver, or keep while stuck."""
        self.writes += 1
        if self._stuck is not None:
            self._undelivered.append(data)
            return self._stuck
        self._deliver(data)
        return None

    def end(self, error: RtcError | None) -> None:
        """Close."""
        self.ended, self.error = True, error
        self.peer.disconnect()

    async def standing(self) -> Standing:
        """Say what the peer's user may do."""
        return self.may

    def stick(self) -> None:
        """Take no more bytes from now on."""
        self._stuck = asyncio.get_running_loop().create_future()

    def release(self) -> None:
        """Take bytes again."""
        stuck, self._stuck = self._stuck, None
        for data in self._undelivered:
            self._deliver(data)
        self._undelivered.clear()
        if stuck is not None:
            stuck.set_result(None)

    def _deliver(self, data: bytes) -> None:
        for message in messages_in(data):
            self.peer.receive(message)


def connect(hub: Hub, room: str, peer: Peer, visitor: Visitor | None = None) -> MemoryLink:
    """Seat a peer in a room, and let it greet."""
    visitor = visitor or Visitor(Identity({"username": peer.name, "name": peer.name}), Standing.WRITING)
    link = MemoryLink(peer, visitor.standing)
    seat = hub.join(RoomId(room) if room.startswith(SERVER_PREFIX) else parse_room(room), link, visitor)
    link.seat = seat
    peer.connect(lambda data: None if link.ended else hub.receive(seat, data))
    return link


def disconnect(hub: Hub, link: MemoryLink) -> None:
    """Lose the connection."""
    link.peer.disconnect()
    if link.seat is not None:
        hub.leave(link.seat)
