"""What comes in on one ZeroMQ socket, taken by the event loop in gulps; and what goes out on it.

``zmq.asyncio`` wakes the loop for each message, whether anybody reads or not, and needs a future and a task for it.
Here nothing wakes the loop while the socket rests, and what came meanwhile is taken at once.

ZeroMQ's descriptor only tells that something has changed since somebody last looked, and to send is to look too. So
who has sent looks again, and who begins to listen does. (ZeroMQ, ``ZMQ_FD``.)
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import zmq
from tornado.ioloop import IOLoop

GULP = 500
"""How many messages are taken before others have their turn."""


class SocketReader:
    """Reads one socket; nobody else may."""

    def __init__(self, socket: zmq.Socket[Any], hear: Callable[[list[list[bytes]]], None]) -> None:
        """Get ready to hand over the frames of each message, in gulps; nothing is read before ``listen``."""
        self._socket: zmq.Socket[bytes] = zmq.Socket.shadow(socket)
        self._hear = hear
        self._loop = IOLoop.current()  # and not asyncio's: on Windows that may be one that cannot watch descriptors
        self._descriptor: int = self._socket.getsockopt(zmq.FD)  # type: ignore[assignment]
        self._listens = False
        self._is_closed = False
        self._next: asyncio.Handle | None = None

    def send(self, frames: Sequence[bytes]) -> None:
        """Send a message.

        Raises:
            zmq.Again: nobody is there to take it, or this was closed.

        """
        if self._is_closed:
            raise zmq.Again
        self._socket.send_multipart(frames, zmq.NOBLOCK)
        if self._listens and self._next is None:
            self._next = asyncio.get_running_loop().call_soon(self.listen)

    @property
    def can_send(self) -> bool:
        """Whether somebody is there to take a message."""
        if self._is_closed:
            return False
        events: int = self._socket.getsockopt(zmq.EVENTS)  # type: ignore[assignment]
        return bool(events & zmq.POLLOUT)

    def listen(self) -> None:
        """Take what is there, and from now on what comes, as it comes."""
        self._forget_next()
        if self._is_closed:
            return
        gulp = self._take()
        if not self._listens:
            self._listens = True
            self._loop.add_handler(self._descriptor, self._on_ready, IOLoop.READ)
        if len(gulp) == GULP:
            self._next = asyncio.get_running_loop().call_soon(self.listen)
        if gulp:
            self._hear(gulp)

    def rest(self, seconds: float) -> None:
        """Take nothing for so long; then what is there, and what comes."""
        self._stop()
        self._next = asyncio.get_running_loop().call_later(seconds, self.listen)

    def close(self) -> None:
        """Take nothing any more; to close the socket itself is for who opened it."""
        self._is_closed = True
        self._stop()

    def _on_ready(self, _descriptor: int, _events: int) -> None:
        self.listen()

    def _stop(self) -> None:
        self._forget_next()
        if self._listens:
            self._listens = False
            self._loop.remove_handler(self._descriptor)

    def _forget_next(self) -> None:
        if self._next is not None:
            self._next.cancel()
            self._next = None

    def _take(self) -> list[list[bytes]]:
        gulp: list[list[bytes]] = []
        while len(gulp) < GULP:
            try:
                gulp.append(self._receive())
            except zmq.Again:
                break
        return gulp

    def _receive(self) -> list[bytes]:
        """Return the frames of a message that is there; raises zmq.Again.

        ``recv_multipart`` asks the socket behind each frame whether there are more, which costs as much as reading it.
        """
        frame = self._socket.recv(zmq.NOBLOCK, copy=False)
        frames = [frame.bytes]
        while frame.more:
            frame = self._socket.recv(zmq.NOBLOCK, copy=False)
            frames.append(frame.bytes)
        return frames
