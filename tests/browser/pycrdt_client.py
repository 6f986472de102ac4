"""A stock pycrdt provider: joins a room, says after each change what it has, and types what it is told on stdin."""

from __future__ import annotations

import asyncio
import json
import sys

from pycrdt import Array, Doc, Provider
from tornado.websocket import websocket_connect


class Channel:
    """What pycrdt's provider wants of a websocket."""

    def __init__(self, socket, path):
        self._socket, self.path = socket, path

    def __aiter__(self):
        return self

    async def __anext__(self):
        return await self.recv()

    async def send(self, message):
        await self._socket.write_message(message, binary=True)

    async def recv(self):
        message = await self._socket.read_message()
        if message is None:
            raise StopAsyncIteration
        return message


async def main(url, room, query):
    doc = Doc()
    cells = doc.get("cells", type=Array)
    loop = asyncio.get_running_loop()

    def show():
        print(json.dumps([str(cell["source"]) for cell in cells]), flush=True)  # noqa: T201

    doc.observe(lambda _: loop.call_soon(show))  # pycrdt lets nobody read within a transaction
    socket = await websocket_connect(f"{url}/{room}?{query}")
    async with Provider(doc, Channel(socket, room)):
        while line := await asyncio.to_thread(sys.stdin.readline):
            cells[0]["source"].insert(0, line.rstrip("\n"))


asyncio.run(main(*sys.argv[1:]))
