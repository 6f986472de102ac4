"""The room in which things go wrong, beside those in which nobody must notice."""

from __future__ import annotations

import asyncio

from tornado.websocket import websocket_connect

from jupyter_rtc.testing.peer import Peer

from .rig import TOKEN, until

MB = 2**20


def at(server, room="rooms/victim"):
    return server.url(f"api/rtc/{room}?token={TOKEN}", "ws")


async def has_participants(server, count):
    return len((await room(server))["participants"]) == count


async def room(server, name="app:victim"):
    return next(one for one in (await server.status())["rooms"] if one["room"] == name)


async def until_async(condition, seconds=30):
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.1)


async def listening(server):
    """Return a peer in the room of the victim, whose link is read."""
    socket, peer = await websocket_connect(at(server), max_message_size=2**30), Peer()
    peer.socket = socket
    peer.reading = asyncio.create_task(read_link(socket, peer))
    peer.connect(lambda data: socket.write_message(data, binary=True))
    await until(lambda: peer.synced)
    return peer


async def read_link(socket, peer):
    while (message := await socket.read_message()) is not None:
        peer.receive(message)
    peer.disconnect()
