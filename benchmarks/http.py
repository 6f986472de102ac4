"""Just enough HTTP/1.1 to ask a server of this machine one question."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

_LONGEST = 30.0
"""Seconds for an answer."""


class Connection:
    """One connection that is kept for one question after another, as browsers keep theirs."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int, token: str) -> None:
        self._reader = reader
        self._writer = writer
        self._port = port
        self._token = token

    @classmethod
    async def open(cls, port: int, token: str) -> Connection:
        """Connect; raises OSError."""
        return cls(*await asyncio.open_connection("127.0.0.1", port), port, token)

    async def ask(self, method: str, path: str, body: Any) -> tuple[int, bytes]:
        """Ask, and return the status and the body of the answer; the server must say how long that is.

        Raises:
            OSError: the server hung up.
            TimeoutError: it takes its time.

        """
        sent = json.dumps(body).encode()
        headers = {"Content-Length": str(len(sent)), "Connection": "keep-alive"}
        self._writer.write(request(method, path, self._port, self._token, headers) + sent)
        async with asyncio.timeout(_LONGEST):
            try:
                head = await self._reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
                content = await self._reader.readexactly(int(length[1]) if length else 0)
            except asyncio.IncompleteReadError as error:
                raise ConnectionResetError("the server hung up") from error
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
