"""A TCP proxy as stands before servers: it cuts links that are idle, and can let them go dead without a word."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Proxy:
    """Forwards bytes both ways, until a link is idle for longer than ``idle`` seconds."""

    def __init__(self, port: int, idle: float) -> None:
        self.port = 0
        self.cut = 0
        """How many links were cut because they were idle."""
        self.idle, self._upstream = idle, port
        self._since: dict[int, float] = {}
        self._alive = asyncio.Event()
        self._alive.set()

    @property
    def longest(self) -> float:
        """For how many seconds the oldest link that is up has been up."""
        return time.monotonic() - min(self._since.values(), default=time.monotonic())

    def freeze(self) -> None:
        """Forward nothing any more and close nothing, as a network does that has lost a laptop."""
        self._alive.clear()

    async def start(self) -> asyncio.Server:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _serve(self, reader, writer):
        upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", self._upstream)
        heard = [time.monotonic()]
        self._since[id(heard)] = heard[0]
        ways = [
            asyncio.create_task(self._forward(reader, upstream_writer, heard)),
            asyncio.create_task(self._forward(upstream_reader, writer, heard)),
        ]
        done = asyncio.gather(*ways, return_exceptions=True)
        while not done.done() and time.monotonic() - heard[0] < self.idle:
            await asyncio.wait([done], timeout=self.idle / 10)
        self.cut += not done.done()
        del self._since[id(heard)]
        for way in ways:
            way.cancel()
        await done
        writer.transport.abort()
        upstream_writer.transport.abort()

    async def _forward(self, reader, writer, heard):
        while data := await reader.read(65536):
            heard[0] = time.monotonic()
            await self._alive.wait()
            writer.write(data)
            await writer.drain()
        writer.close()


@asynccontextmanager
async def proxied(port: int, idle: float = 3600) -> AsyncIterator[Proxy]:
    """Run a proxy before this port."""
    proxy = Proxy(port, idle)
    listening = await proxy.start()
    try:
        yield proxy
    finally:
        listening.close()
