"""A real Jupyter server without extensions, for tests of what it has."""

from pathlib import Path

import pytest

from jupyter_rtc.directory.directory import Directory
from jupyter_rtc.ids import requests_room
from jupyter_rtc.supernode.files import Files
from jupyter_rtc.tables import Datastore
from jupyter_rtc.tables.jupyter import ASKING, SERVER

from .world import Room, Shelf, until


class Here:
    """A directory of a real server, and documents in memory."""

    def __init__(self, server):
        self.server = server
        self.shelf = Shelf()
        self.files = Files(server.contents_manager, None, server.event_logger)
        self.directory = Directory(server, self.shelf, self.files, "0.0")
        self.root = Path(server.root_dir)

    def rows(self, table):
        room = self.shelf.rooms["server:jupyter"]
        return Datastore(room.ydoc, SERVER)[table].as_dict()

    async def table(self, table):
        """Return a table as soon as something is in it."""
        return await until(lambda: self.rows(table), 10, f"a row of {table}")

    async def row(self, table, row_id, condition=lambda row: True, seconds=10.0):
        """Return a row as soon as it is there and so."""

        def found():
            row = self.rows(table).get(row_id)
            return row if row is not None and condition(row) else None

        return await until(found, seconds, f"a row {row_id} of {table}: {self.rows(table)}")

    async def gone(self, table, row_id):
        await until(lambda: row_id not in self.rows(table), 5, f"the end of {row_id}")

    async def ask(self, request, /, username="ana", allowed=True, **args):
        """Ask for something as a person, and return how it ended."""
        room = Room(requests_room(username))
        keeper = self.directory.keeper(room.room)
        await keeper.load(room)
        record = room.person(ASKING, username, allowed)["requests"].create(name=request, args=args)
        await until(lambda: record["status"] in ("done", "failed"), 30)
        await keeper.close()
        return record.as_dict()

    async def done(self, request, /, **args):
        """Ask for something that is done, and return its result."""
        end = await self.ask(request, **args)
        assert end["status"] == "done", end
        return end["result"]


@pytest.fixture
def here(jp_serverapp, jp_asyncio_loop):
    found = Here(jp_serverapp)
    jp_asyncio_loop.run_until_complete(found.files.start())
    jp_asyncio_loop.run_until_complete(found.directory.start())
    yield found
    jp_asyncio_loop.run_until_complete(found.directory.close())
    jp_asyncio_loop.run_until_complete(found.files.close())
    jp_asyncio_loop.run_until_complete(jp_serverapp.kernel_manager.shutdown_all())
