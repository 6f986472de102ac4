"""What the tests of the directory share: a document in memory with an author, and a real server's parts."""

from __future__ import annotations

import asyncio
import time
from contextlib import contextmanager

from jupyter_rtc.documents import CLIENT, Author
from jupyter_rtc.tables import Datastore

from ..supernode.solo import Solo


async def until(condition, seconds=10.0, what="it"):
    """Return what the condition gives, as soon as that is something."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"{what} did not happen"
        await asyncio.sleep(0.005)
    return found


class Room(Solo):
    """An open document; implements ``documents.Document``."""

    def __init__(self, room):
        super().__init__(room)
        self.author = None
        self.open = True

    @contextmanager
    def coming_from(self, username, allowed=True):
        """A change that a person's connection brings; ``allowed`` says what they may do."""

        async def may(action, resource):
            return allowed if isinstance(allowed, bool) else (action, resource) in allowed

        self.author = Author(username, may)
        try:
            with self.edit(CLIENT):
                yield
        finally:
            self.author = None

    def person(self, schema, username="ana", allowed=True):
        """Return the tables as a person writes them."""
        return Datastore(self.ydoc, schema, author=username, edit=lambda _: self.coming_from(username, allowed))

    async def close(self):
        self.open = False


class Shelf:
    """Documents and visits, as the relay has them; implements ``documents.Relay``."""

    def __init__(self):
        self.rooms = {}
        self.visited = []
        self.renewed = []

    @property
    def open_rooms(self):
        return [room for room, one in self.rooms.items() if one.open]

    def visits(self):
        return list(self.visited)

    async def renew(self, room):
        self.renewed.append(self.rooms.pop(room))

    async def open(self, room):
        await asyncio.sleep(0)
        self.rooms[room] = found = self.rooms.get(room) or Room(room)
        found.open = True
        return found
