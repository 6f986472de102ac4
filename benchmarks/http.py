"""Just enough HTTP/1.1 to ask a server of this machine one question."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

_LONGEST = 30.0
"""Seconds for an answer."""


class Page:
    """What a browser's page has: connections that are kept, and cookies, by which the server knows who asks."""

    def __init__(self, port: int, token: str) -> None:
        """Connect to nobody yet."""
        self.port = port
        self.token = token
        self.cookies: dict[str, str] = {}
        self._connections: list[Connection] = []

    async def connections(self, count: int) -> list[Connection]:
        """Return so many connections, after somebody has said who we are; raises OSError."""
        while len(self._connections) < count:
            self._connections.append(Connection(*await asyncio.open_connection("127.0.0.1", self.port), self))
        if not self.cookies:
            await self._connections[0].ask("GET", "/api/me", {})
        return self._connections[:count]

    def close(self) -> None:
        """Hang up."""
        for connection in self._connections:
            connection.close()


class Connection:
    """One connection of a page, that is kept for one question after another."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, page: Page) -> None:
        self._reader = reader
        self._writer = writer
        self._page = page

    async def ask(self, method: str, path: str, body: Any) -> tuple[int, bytes]:
        """Ask, and return the status and the body of the answer; the server must say how long that is.

        Raises:
            OSError: the server hung up.
            TimeoutError: it takes its time.

        """
        sent = json.dumps(body).encode()
        headers = {"Content-Length": str(len(sent)), "Connection": "keep-alive"}
        if self._page.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._page.cookies.items())
        self._writer.write(request(method, path, self._page.port, self._page.token, headers) + sent)
        async with asyncio.timeout(_LONGEST):
            try:
                head = await self._reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
                content = await self._reader.readexactly(int(length[1]) if length else 0)
            except asyncio.IncompleteReadError as error:
                raise ConnectionResetError("the server hung up") from error
        for name, value in re.findall(r"(?i)\r\nset-cookie: *([^=;]+)=([^;\r]*)", head.decode()):
            self._page.cookies[name] = value
        return int(head.split(b" ", 2)[1]), content

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


async def ask(port: int, method: str, path: str, token: str, body: Any = None) -> tuple[int, bytes]:
    """Ask, and return the status and the body of the answer.

    Raises:
        OSError: nobody answers at this port, or it hung up.
        TimeoutError: it takes its time.

    """
    sent = b"" if body is None else json.dumps(body).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request(method, path, port, token, {"Content-Length": str(len(sent))}) + sent)
        answer = await asyncio.wait_for(reader.read(), _LONGEST)
    finally:
        writer.close()
    head, _, content = answer.partition(b"\r\n\r\n")
    if not head:
        raise ConnectionResetError("the server hung up")
    return int(head.split(b" ", 2)[1]), content


def request(method: str, path: str, port: int, token: str, more: dict[str, str]) -> bytes:
    """Return the head of a request; unless ``more`` says otherwise the connection ends with it."""
    headers = {"Host": f"127.0.0.1:{port}", "Authorization": f"token {token}", "Connection": "close"} | more
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {text}" for name, text in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
