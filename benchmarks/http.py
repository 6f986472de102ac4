"""Just enough HTTP/1.1 to ask a server of this machine one question."""

from __future__ import annotations

import asyncio
import json
from typing import Any

_LONGEST = 30.0
"""Seconds for an answer."""


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
