"""What one participant has yet to be sent, under a budget of bytes.

A link takes one write at a time; while it is under way, what follows is held here and goes out as one
write. Tornado's own buffer knows no limit, so nothing is put into it that would have to wait.

When more is held than the budget allows, all of it is dropped, and the participant counts as *behind*:
once the link takes bytes again, its owner brings it up to date from the state vector of what it was
certainly sent: nothing, until the whole of an answer to what it has was written, and what follows from then on
only as far as nothing before it was dropped. A slow participant thus costs a bounded amount of memory, and nobody
else any time. Answers to its own requests (a save, an error) are small and are never dropped.

A large document is fed: a part of it is made and written when the link has taken the one before, and everybody else
had their turn.
"""

from __future__ import annotations

from asyncio import Future, get_running_loop
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Protocol

from ..errors import RtcError
from .session import Standing


class Link(Protocol):
    """The far end of a participant: a websocket, or a pair of queues in a test."""

    def write_frames(self, data: bytes) -> Future[None] | None:
        """Send these whole websocket frames; return None, or a future if they have to wait.

        How the future ends does not matter: a broken link is noticed by whoever reads from it.
        """

    def end(self, error: RtcError | None) -> None:
        """Close, because of this error, or because the server goes away (None)."""

    async def standing(self) -> Standing:
        """Return what the user behind the link may do now; GONE: nothing any more."""


PART_BYTES = 512 * 1024
"""About how much is written at a time of what is fed."""


def websocket_frame(message: bytes) -> bytes:
    """Return the binary websocket frame, unmasked, of this message (RFC 6455 section 5.2)."""
    size = len(message)
    if size < 126:
        return bytes((0x82, size)) + message
    if size < 65536:
        return b"\x82\x7e" + size.to_bytes(2, "big") + message
    return b"\x82\x7f" + size.to_bytes(8, "big") + message


class Outbox:
    """The bytes for one participant."""

    def __init__(self, link: Link, budget: int, caught_up: Callable[[bytes], None]) -> None:
        """Make an outbox; ``caught_up(state)`` is called when a dropped participant can be resynchronised.

        ``state`` is the state vector of what it was certainly sent.
        """
        self._link = link
        self._budget = budget
        self._caught_up = caught_up
        self._flight: Future[None] | None = None
        self._fed: Iterator[bytes] | None = None
        self._held: list[bytes] = []
        self._kept: list[bytes] = []
        self._held_bytes = 0
        self._certain = b"\x00"
        """The state vector of what was written."""
        self._promised: bytes | None = None
        """That of what will have been when nothing waits any more; None while something before it is missing."""
        self._behind = False
        self._closed = False
        self.last_write = 0.0
        """When bytes last went out, by the caller's clock."""
        self.waiting_since: float | None = None
        """Since when the link takes no bytes, by the caller's clock; None while it does."""
        self.sent_bytes = 0

    @property
    def held_bytes(self) -> int:
        """How many bytes wait here."""
        return self._held_bytes

    @property
    def behind(self) -> bool:
        """Whether what was held had to be dropped, and the participant is not up to date again yet."""
        return self._behind

    @property
    def in_step(self) -> bool:
        """Whether the participant has the document when all that waits has been written."""
        return self._promised is not None

    def put(self, data: bytes, kept: bytes, state: bytes, now: float, *, answers: bool = False) -> None:
        """Send these frames now or as soon as the link takes them.

        Args:
            data: whole websocket frames, which may be dropped.
            kept: whole websocket frames that must not be: answers to the participant's own requests.
            state: the state vector of the document that ``data`` brings a participant to that has all that was
                before; empty if ``data`` does not change the document.
            now: the time, in seconds, by the caller's clock.
            answers: whether ``data`` ends an answer to what the participant has, so that it has all of ``state``
                whatever it missed before.

        """
        if self._closed or not (data or kept):
            return
        if data and not self._behind and state and (answers or self._promised is not None):
            self._promised = state
        if self._flight is None:
            self._write(data + kept, now)
            self._note_certain()
            return
        if kept:
            self._kept.append(kept)
        if data and not self._behind:
            self._hold(data)

    def feed(self, frames: Iterator[bytes], now: float) -> None:
        """Send these frames a few at a time, before all that is put afterwards."""
        if self._closed:
            return
        if self._flight is None:
            self._fed = frames
            self._feed(now)
        elif self._fed is not None:
            self._fed = chain(self._fed, frames)
        else:
            self._fed = chain(self._held, frames)
            self._held, self._held_bytes = [], 0

    async def standing(self) -> Standing:
        """Ask the link what its user may do now."""
        return await self._link.standing()

    def close(self, error: RtcError | None) -> None:
        """Close the link; what is held is not sent any more."""
        if not self._closed:
            self.discard()
            self._link.end(error)

    def discard(self) -> None:
        """Forget everything: the link is gone."""
        self._closed = True
        self._fed = None
        self._held.clear()
        self._kept.clear()
        self._held_bytes = 0

    def _hold(self, data: bytes) -> None:
        self._held.append(data)
        self._held_bytes += len(data)
        if self._held_bytes > self._budget:
            self._held.clear()
            self._held_bytes = 0
            self._behind = True
            self._promised = None

    def _note_certain(self) -> None:
        """Note that nothing waits any more."""
        if self._promised is not None:
            self._certain = self._promised

    def _write(self, data: bytes, now: float) -> None:
        self.last_write = now
        self.sent_bytes += len(data)
        flight = self._link.write_frames(data)
        if flight is not None:
            self._flight = flight
            self.waiting_since = now
            flight.add_done_callback(self._landed)

    def _feed(self, now: float) -> None:
        part = bytearray()
        for frame in self._fed or ():
            part += frame
            if len(part) >= PART_BYTES:
                break
        else:
            self._fed = None
        self._write(bytes(part), now)
        if self._flight is None:  # the link took it at once
            self._flight = get_running_loop().create_future()
            self._flight.set_result(None)
            self._flight.add_done_callback(self._landed)

    def _landed(self, _: Future[None]) -> None:
        now = self.last_write
        self._flight, self.waiting_since = None, None
        if self._closed:
            return
        if self._fed is not None:
            self._feed(now)
            return
        kept, self._kept = self._kept, []
        if self._behind:
            self._behind = False
            if kept:
                self._write(b"".join(kept), now)
            self._caught_up(self._certain)
            return
        held, self._held, self._held_bytes = self._held, [], 0
        if held or kept:
            self._write(b"".join(held + kept), now)
        self._note_certain()
