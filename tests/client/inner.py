"""A client inside a relay without a server: rooms, a log in memory, and requests that a test answers."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

from jupyter_rtc.client.client import Client
from jupyter_rtc.directory.answering import Answering
from jupyter_rtc.directory.kept import RequestsKeeper
from jupyter_rtc.directory.request import requests_of
from jupyter_rtc.ids import RoomKind, room_kind
from jupyter_rtc.inprocess.transport import InnerTransport, ServerParts
from jupyter_rtc.supernode.clock import SystemClock
from jupyter_rtc.tables.jupyter import ASKING

from ..relay.world import world


class Files:
    async def index(self, path):
        return f"id-of-{path}", False


class Everything:
    """A contents manager that has every file."""

    def file_exists(self, path):
        return True


@asynccontextmanager
async def clients(*names, answering=()):
    """Connect people to a relay in which these objects answer requests."""

    def keeper_of(room):
        if room_kind(room) is not RoomKind.REQUESTS:
            return None
        return RequestsKeeper(lambda document: Answering(document, ASKING, requests_of(*answering), SystemClock()))

    async with world(keeper_of=keeper_of) as w:
        parts = ServerParts(w.hub, Files(), None, dict, Everything(), session_manager=None, kernel_manager={})
        made = [Client(InnerTransport(parts, {"username": name, "name": name})) for name in names]
        for one in made:
            await one.open()
        try:
            yield made
        finally:
            for one in made:
                await one.close()


async def until(condition):
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0)
