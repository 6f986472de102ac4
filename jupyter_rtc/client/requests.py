"""What a program asks the server to do: a record in the user's own room ``requests``, and its end awaited.

A request goes on whatever becomes of who waits for it. ``docs/requests.md`` names them all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any
from uuid import uuid4

from ..errors import ChangesLost, RequestFailed
from ..tables.jupyter import ASKING
from .document import OpenDocument
from .transport import Transport

ENDED = ("done", "failed")


async def ask(room: OpenDocument, name: str, timeout: float | None, args: Mapping[str, Any]) -> Any:
    """Ask for something in a room, and return the result.

    Raises:
        RequestFailed: it was not done, in the server's words.
        TimeoutError: it was not yet, for so many seconds. It goes on.

    """
    room.check()
    record = room.tables["requests"].create({"name": name, "args": dict(args)}, id=uuid4().hex)
    try:
        await room.until(lambda: not record.exists or record["status"] in ENDED, timeout)
    except ChangesLost as error:
        raise RequestFailed(f"The server was started again before {name!r} was done; ask again.", name) from error
    if not record.exists:
        raise RequestFailed(f"What became of {name!r} is not known any more.", name)
    if record["status"] == "failed":
        raise RequestFailed(str(record["reason"]), name)
    return record["result"]


class Requests:
    """The user's room of requests; opened with the first one."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._room: OpenDocument | None = None
        self._opening = asyncio.Lock()

    async def ask(self, name: str, /, timeout: float | None = None, **args: Any) -> Any:
        """Ask for something, and return its result; raises as ``ask``."""
        return await ask(await self.room(), name, timeout, args)

    async def room(self) -> OpenDocument:
        """Return the room, open and connected: what was asked of a server that is gone is answered by nobody."""
        async with self._opening:
            while True:
                if self._room is None:
                    self._room = OpenDocument(self._transport, await self._transport.open_room("requests"), ASKING)
                room = self._room
                with suppress(ChangesLost):
                    await room.until(partial(getattr, room, "connected"))
                    return room
                await self.close()

    async def close(self) -> None:
        """Ask no more. Who asked was told what became of it, so nothing that was written is lost."""
        room, self._room = self._room, None
        if room is not None:
            with suppress(ChangesLost):
                await room.close()
