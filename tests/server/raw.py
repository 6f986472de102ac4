"""A websocket client with nothing in between: it reads when it is told to, from a small buffer, and sends any bytes."""

from __future__ import annotations

import asyncio
import socket
from urllib.parse import urlsplit

SMALL = 4096


class RawSocket:
    """A client's end of a websocket (RFC 6455), as far as a test needs it."""

    def __init__(self) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
        self._socket.setblocking(False)
        self._read = b""

    async def connect(self, address: str) -> RawSocket:
        loop, url = asyncio.get_running_loop(), urlsplit(address)
        await loop.sock_connect(self._socket, (url.hostname, url.port))
        request = (
            f"GET {url.path}?{url.query} HTTP/1.1\r\nHost: {url.netloc}\r\nConnection: Upgrade\r\n"
            "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        await loop.sock_sendall(self._socket, request.encode())
        while b"\r\n\r\n" not in self._read:
            await self._more()
        head, self._read = self._read.split(b"\r\n\r\n", 1)
        assert b" 101 " in head.splitlines()[0], head
        return self

    async def send(self, message: bytes) -> None:
        """Send a binary message, masked with zeros."""
        size = len(message)
        length = bytes([0x80 | size]) if size < 126 else b"\xff" + size.to_bytes(8, "big")
        await self.send_bytes(b"\x82" + length + bytes(4) + message)

    async def send_bytes(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self._socket, data)

    async def receive(self) -> bytes | None:
        """Return the next binary message, or None at the end."""
        while True:
            head = await self._take(2)
            size = head[1] & 0x7F
            if size > 125:
                size = int.from_bytes(await self._take(2 if size == 126 else 8), "big")
            body = await self._take(size)
            match head[0] & 0x0F:
                case 2:
                    return body
                case 8:
                    return None

    def close(self) -> None:
        self._socket.close()

    async def _take(self, count: int) -> bytes:
        while len(self._read) < count:
            await self._more()
        taken, self._read = self._read[:count], self._read[count:]
        return taken

    async def _more(self) -> None:
        data = await asyncio.get_running_loop().sock_recv(self._socket, 2**18)
        if not data:
            raise ConnectionResetError
        self._read += data
