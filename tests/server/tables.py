"""People who look at the server's tables and ask for things, over real websockets."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from jupyter_rtc.tables import Datastore, Record
from jupyter_rtc.tables.jupyter import ASKING, SERVER
from jupyter_rtc.testing.peer import Peer

from .rig import TOKEN, Server, until


class Viewer:
    """A connection to one of the rooms below ``api/rtc/rooms``."""

    def __init__(self, server: Server, name: str, cookie: str = "", token: str = TOKEN) -> None:
        self.server, self.name, self.cookie, self.token = server, name, cookie, token
        self.peer = Peer(name)
        self.close_code: int | None = None
        self.raw: list[bytes] = []

    async def open(self) -> Viewer:
        headers = {"Cookie": self.cookie} if self.cookie else {}
        url = self.server.url(f"api/rtc/rooms/{self.name}?token={self.token}", "ws")
        self.socket = await websocket_connect(HTTPRequest(url, headers=headers), max_message_size=2**30)
        self._reading = asyncio.create_task(self._read())
        self.peer.connect(lambda data: asyncio.ensure_future(self.socket.write_message(data, binary=True)))
        await until(lambda: self.peer.synced or self.close_code is not None)
        schema = SERVER if self.name == "jupyter" else ASKING
        self.tables = Datastore(self.peer.doc, schema, author="person")
        return self

    async def ask(self, request: str, /, **args: Any) -> dict:
        """Ask for something, and return how it ended."""
        return await self.ended(self.tables["requests"].create(name=request, args=args))

    async def ended(self, record: Record, seconds: float = 30) -> dict:
        await until(lambda: record["status"] in ("done", "failed"), seconds)
        return record.as_dict()

    def rows(self, table: str) -> dict[str, dict]:
        return self.tables[table].as_dict()

    async def sees(self, condition: Callable[[], Any], seconds: float = 10) -> float:
        """Wait until something is to be seen; return how long it took."""
        begun = time.monotonic()
        await until(condition, seconds)
        return time.monotonic() - begun

    def close(self) -> None:
        self._reading.cancel()
        self.socket.close()

    async def _read(self) -> None:
        while (message := await self.socket.read_message()) is not None:
            self.raw.append(message)
            self.peer.receive(message)
        self.close_code = self.socket.close_code or 1006
        self.peer.disconnect()
