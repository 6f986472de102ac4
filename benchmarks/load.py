"""The load generator: websocket clients that cost little more than the system calls they make.

A client hands on each message that it receives, and knows of the protocol only what a server insists
on: the answers to a state vector and to a ping. For full speed it can be told to keep the raw bytes and
look at nothing. Everything that is sent has been made in advance.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from . import wire
from .errors import BenchmarkError
from .http import request
from .servers import Endpoint

Heard = Callable[[bytes, float], None]
"""What is told of each message: its bytes, and when it was complete (``time.perf_counter``)."""


class Client(asyncio.Protocol):
    """One connection to a room."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.heard: Heard = _ignore
        self.raw: Callable[[bytes], None] | None = None
        """If set, it gets all bytes as they come, and nothing else happens."""
        self.state: bytes | None = None
        """What the first SyncStep2 said."""
        self.accepted: asyncio.Future[None] = loop.create_future()
        self.synced: asyncio.Future[float] = loop.create_future()
        """When (``time.perf_counter``) the first SyncStep2 was there as a whole."""
        self.was_closed = ""
        """Why the server hung up, if it did."""
        self.last_heard = time.perf_counter()
        self._asked_back = False
        self._greeting = bytearray()
        self._frames = wire.FrameReader()
        self._transport: asyncio.Transport | None = None

    @classmethod
    async def connect(cls, endpoint: Endpoint, room: str) -> Client:
        """Open a websocket.

        Raises:
            BenchmarkError: the server refused.

        """
        loop = asyncio.get_running_loop()
        _, client = await loop.create_connection(cls, "127.0.0.1", endpoint.port)
        upgrade = {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
            "Sec-WebSocket-Version": "13",
        }
        client.write(request("GET", room, endpoint.port, endpoint.token, upgrade))
        await asyncio.wait_for(client.accepted, 30)
        return client

    @classmethod
    async def join(cls, endpoint: Endpoint, room: str, seconds: float = 60) -> Client:
        """Open a websocket and do what a Yjs client does first, until both sides are in step."""
        client = await cls.connect(endpoint, room)
        if endpoint.kind.is_bare:
            return client
        client.send(wire.sync(wire.SYNC_STEP1, wire.EMPTY_STATE))
        try:
            await asyncio.wait_for(client.synced, seconds)
        except TimeoutError:
            why = client.was_closed or "no SyncStep2 came"
            raise BenchmarkError(f"{endpoint.kind.name}: a client could not join: {why}") from None
        return client

    def send(self, message: bytes) -> None:
        """Send one message."""
        self.write(wire.client_frame(message))

    def write(self, data: bytes) -> None:
        """Write bytes as they are."""
        assert self._transport is not None
        self._transport.write(data)

    @property
    def transport(self) -> asyncio.Transport:
        """The connection itself."""
        assert self._transport is not None
        return self._transport

    async def close(self) -> None:
        """Say goodbye and hang up."""
        if not self.transport.is_closing():
            self.write(wire.client_frame(b"\x03\xe8", wire.CLOSE))
            self.transport.close()
        await asyncio.sleep(0)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to write."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Remember that the server hung up; whoever waits is told."""
        self.was_closed = self.was_closed or f"the connection ended ({exc or 'closed'})"
        for waited in (self.accepted, self.synced):
            if not waited.done():
                waited.set_exception(BenchmarkError(self.was_closed))
                waited.exception()

    def data_received(self, data: bytes) -> None:
        """Take what came."""
        if self.raw is not None:
            self.raw(data)
        elif not self.accepted.done():
            self._greet(data)
        else:
            self._read(data)

    def _greet(self, data: bytes) -> None:
        self._greeting += data
        head, end, rest = bytes(self._greeting).partition(b"\r\n\r\n")
        if not end:
            return
        status = head.split(b"\r\n", 1)[0].decode(errors="replace")
        if " 101 " not in status:
            self.accepted.set_exception(BenchmarkError(f"no websocket: {status}"))
            return
        self.accepted.set_result(None)
        self._read(rest)

    def _read(self, data: bytes) -> None:
        now = time.perf_counter()
        for opcode, payload in self._frames.feed(data):
            if opcode == wire.BINARY:
                self._take(payload, now)
            elif opcode == wire.PING:
                self.write(wire.client_frame(payload, wire.PONG))
            elif opcode == wire.CLOSE:
                self.was_closed = f"close code {int.from_bytes(payload[:2], 'big')} {payload[2:]!r}"

    def _take(self, message: bytes, now: float) -> None:
        self.last_heard = now
        if not self.synced.done():
            self._shake_hands(message, now)
        self.heard(message, now)

    def _shake_hands(self, message: bytes, now: float) -> None:
        if message.startswith(wire.SYNC_STEP1):
            self.send(wire.sync(wire.SYNC_STEP2, wire.EMPTY_UPDATE))
            self._asked_back = True
        elif message.startswith(wire.SYNC_STEP2) and self.state is None:
            self.state = wire.content(message)
            self._synced_at = now
        if self.state is not None and self._asked_back:
            self.synced.set_result(self._synced_at)


def _ignore(_message: bytes, _now: float) -> None:
    """Hear nothing."""


async def quiet(clients: Sequence[Client], seconds: float = 0.3, longest: float = 10) -> None:
    """Wait until nobody has heard anything for a while, or give up waiting."""
    deadline = time.perf_counter() + longest
    while (now := time.perf_counter()) < deadline:
        silent = now - max(client.last_heard for client in clients)
        if silent >= seconds:
            return
        await asyncio.sleep(seconds - silent)


async def crowd(endpoint: Endpoint, room: str, count: int) -> list[Client]:
    """Let so many clients join a room, one after the other, and wait until all is quiet."""
    clients = [await Client.join(endpoint, room) for _ in range(count)]
    await quiet(clients)
    return clients


async def leave(clients: Sequence[Client]) -> None:
    """Let clients go."""
    for client in clients:
        await client.close()
