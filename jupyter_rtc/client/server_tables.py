"""What the server has, as tables that follow it: ``rtc.tables.kernels``. Everybody may look who may read them.

They are read at once, without waiting. ``until`` and ``watch`` tell of changes, by whomever. A server that was started
again has other tables: the client opens these by itself, and ``rtc.tables`` is them from then on.
"""

from __future__ import annotations

import asyncio

from ..tables import Records
from ..tables.jupyter import SERVER
from .document import OpenDocument
from .transport import SharedDocument, Transport


class ServerTables(OpenDocument):
    """The tables of the room ``jupyter``; ``docs/tables.md`` has their fields."""

    def __init__(self, transport: Transport, document: SharedDocument) -> None:
        super().__init__(transport, document, SERVER)

    async def lost(self) -> None:
        """Return when they follow the server no longer."""
        woken = asyncio.Event()
        end = self._document.watch(woken.set)
        try:
            while self._document.failed is None:
                woken.clear()
                await woken.wait()
        finally:
            end()

    def __getitem__(self, name: str) -> Records:
        """Return a table; raises UnknownTable."""
        return self.tables[name]

    @property
    def kernelspecs(self) -> Records:
        """The kinds of kernels that can be started."""
        return self.tables["kernelspecs"]

    @property
    def status(self) -> Records:
        """How the server stands; one row."""
        return self.tables["status"]

    @property
    def terminals(self) -> Records:
        """The terminals."""
        return self.tables["terminals"]

    @property
    def kernels(self) -> Records:
        """The kernels."""
        return self.tables["kernels"]

    @property
    def sessions(self) -> Records:
        """The sessions: which path has which kernel."""
        return self.tables["sessions"]

    @property
    def contents(self) -> Records:
        """The files and folders in the folders that somebody looks at."""
        return self.tables["contents"]

    @property
    def folders(self) -> Records:
        """The folders that somebody looks at."""
        return self.tables["folders"]

    @property
    def users(self) -> Records:
        """Who is here."""
        return self.tables["users"]
