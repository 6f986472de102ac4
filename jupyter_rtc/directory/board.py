"""The document of the room ``jupyter``: each table in it is kept like what its source says.

A source is asked for all rows of its table whenever something may have changed there: an event only says "look again".
What differs is written; what many sources say within a few milliseconds is one change. A source that fails leaves its
table as it was. The room is held open as long as the server runs; if it fails, it is filled anew.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ..documents import Document, Documents
from ..errors import DocumentError, TableError
from ..ids import DIRECTORY
from ..notices import Notice, NoticeKind
from ..supernode.clock import Clock
from ..tables import Datastore, Records
from ..tables.jupyter import SERVER

_log = logging.getLogger(__name__)

Rows = Mapping[str, Mapping[str, Any]]
"""The fields of each record, under its id. Nobody changes it: it is compared with what comes next."""
Source = Callable[[], Awaitable[Rows]]

SOON = 0.003
"""Seconds for which changes are gathered."""
ORIGIN = "server"
"""Of all changes here."""


class Board:
    """All tables of the room."""

    def __init__(self, documents: Documents, clock: Clock) -> None:
        """Get ready; nothing is opened."""
        self._documents = documents
        self._clock = clock
        self._sources: dict[str, _Source] = {}
        self._news: dict[str, Rows] = {}
        self._shown: dict[str, Rows] = {}
        self._document: Document | None = None
        self._store: Datastore | None = None
        self._writing: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    def show(self, table: str, source: Source) -> Callable[[float], None]:
        """Show what this source says in a table, once it is open; return what says "look again, within so long"."""
        one = _Source(source, lambda rows: self._put(table, rows), self._clock)
        self._sources[table] = one
        return one.look

    async def open(self) -> None:
        """Open the room and begin to look."""
        await self._open()
        for table, source in self._sources.items():
            task = asyncio.create_task(source.run(), name=f"table {table}")
            self._tasks.add(task)
            source.look(0)

    async def close(self) -> None:
        """Look no more, and give the room back."""
        self._closed = True
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        self._tasks.clear()
        if self._writing is not None:
            self._writing.cancel()
        await self._give_back()

    async def refresh(self, table: str) -> None:
        """Look again, and return when what is there is shown."""
        await self._sources[table].refresh()
        self._write()

    def hear(self, notice: Notice) -> None:
        """Take the room up again after it was closed because it failed."""
        if notice.room == DIRECTORY and notice.kind is NoticeKind.ROOM_CLOSED and self._document and not self._closed:
            task = asyncio.create_task(self._reopen(), name="the room of the server's tables")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _open(self) -> None:
        self._document = await self._documents.open(DIRECTORY)
        edit = self._document.edit
        self._store = Datastore(self._document.ydoc, SERVER, author=ORIGIN, server=True, edit=edit)

    async def _reopen(self) -> None:
        await self._give_back()
        try:
            await self._open()
        except DocumentError:
            return  # the server stops
        self._news = {**self._shown, **self._news}
        self._shown = {}
        self._write()

    async def _give_back(self) -> None:
        document, self._document = self._document, None
        if self._store is not None:
            self._store.close()
            self._store = None
        if document is not None:
            await document.close()

    def _put(self, table: str, rows: Rows) -> None:
        self._news[table] = rows
        if self._writing is None:
            self._writing = asyncio.get_running_loop().call_later(SOON, self._write)

    def _write(self) -> None:
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None
        if self._store is None:
            return
        news, self._news = self._news, {}
        news = {table: rows for table, rows in news.items() if rows != self._shown.get(table)}
        if not news:
            return
        with self._store.transaction():
            for table, rows in news.items():
                _show(self._store[table], self._shown.get(table, {}), rows)
                self._shown[table] = rows


class _Source:
    """Who says what is in one table, and when it is to be asked."""

    def __init__(self, source: Source, put: Callable[[Rows], None], clock: Clock) -> None:
        self._source = source
        self._put = put
        self._clock = clock
        self._due: float | None = None
        self._changed = asyncio.Event()
        self._asking = asyncio.Lock()

    def look(self, within: float) -> None:
        """Look again, at the latest after so many seconds."""
        due = self._clock.now() + within
        if self._due is None or due < self._due:
            self._due = due
            self._changed.set()

    async def refresh(self) -> None:
        """Look now."""
        async with self._asking:
            self._put(await self._source())

    async def run(self) -> None:
        """Look whenever it is due, until cancelled."""
        while True:
            await self._clock.wait(self._changed, self._due)
            self._changed.clear()
            if self._due is None or self._clock.now() < self._due:
                continue
            self._due = None
            try:
                await self.refresh()
            except Exception:  # noqa: BLE001  managers are foreign code; one table's fault is not the others'
                _log.exception("A table of the server could not be brought up to date")


def _show(records: Records, shown: Rows, rows: Rows) -> None:
    """Make the table, which shows some rows, show others."""
    for record_id in shown.keys() - rows.keys():
        records.delete(record_id)
    for record_id, row in rows.items():
        before = shown.get(record_id)
        if before == row:
            continue
        try:
            if before is None:
                records.create(row, id=record_id)
            else:
                records.update(record_id, {key: value for key, value in row.items() if before.get(key) != value})
        except TableError:
            _log.exception("A row of the table %s cannot be shown", records.name)
