"""The document of the room ``jupyter``: each table in it is kept like what its source says.

A source is asked for all rows of its table whenever something may have changed there: an event only says "look again".
What differs is written; what many sources say within a few milliseconds is one change, and what is very much is written
bit by bit, so that others get their turn. A source that fails leaves its table as it was.

The room is held open as long as the server runs; if it fails, it is filled anew. So it is when it has outgrown what is
shown, for a shared document never quite forgets what was deleted or overwritten (``Growth``).
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

from ..documents import Document, Relay
from ..errors import DocumentError, TableError
from ..ids import DIRECTORY
from ..notices import Notice, NoticeKind
from ..supernode.clock import Clock
from ..tables import Datastore, Records
from ..tables.jupyter import SERVER
from .growth import Growth

_log = logging.getLogger(__name__)

Rows = Mapping[str, Mapping[str, Any]]
"""The fields of each record, under its id. Nobody changes it: it is compared with what comes next."""
Source = Callable[[], Awaitable[Rows]]

SOON = 0.003
"""Seconds for which changes are gathered."""
PAUSE = 0.05
"""Seconds between two looks at one table: a kernel that runs a thousand cells is busy and idle a thousand times."""
RETRY = 1.0
"""Seconds until a room that cannot be opened is tried again."""
BATCH = 250
"""Records of a table that are written in one go: it takes a few milliseconds."""
ORIGIN = "server"
"""Of all changes here."""


class Board:
    """All tables of the room."""

    def __init__(self, documents: Relay, clock: Clock) -> None:
        """Get ready; nothing is opened."""
        self._documents = documents
        self._clock = clock
        self._sources: dict[str, _Source] = {}
        self._tables: dict[str, _Shown] = {}
        self._document: Document | None = None
        self._store: Datastore | None = None
        self._growth: Growth | None = None
        self._writing: asyncio.Handle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    def show(self, table: str, source: Source, after: str | None = None) -> Callable[[float], None]:
        """Show what this source says in a table, once it is open; return what says "look again, within so long".

        What it says is not shown before all is shown that was said for the table ``after``.
        """
        one = _Source(source, lambda rows: self._put(table, rows), self._clock)
        self._sources[table] = one
        self._tables[table] = _Shown(table, None if after is None else self._tables[after])
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
        await self._tables[table].complete.wait()

    def hear(self, notice: Notice) -> None:
        """Take the room up again after it was closed: because it failed, or because it had outgrown what it shows."""
        if notice.room == DIRECTORY and notice.kind is NoticeKind.ROOM_CLOSED and self._document and not self._closed:
            self._spawn(self._reopen(), "the room of the server's tables")

    async def _open(self) -> None:
        self._document = await self._documents.open(DIRECTORY)
        edit = self._document.edit
        self._store = Datastore(self._document.ydoc, SERVER, author=ORIGIN, server=True, edit=edit)
        self._growth = Growth(self._document.ydoc)

    async def _reopen(self) -> None:
        await self._give_back()
        while self._store is None:
            try:
                await self._open()
            except DocumentError:  # it fails again
                await self._clock.wait(asyncio.Event(), self._clock.now() + RETRY)
        for table in self._tables.values():
            table.forget()
        self._write()

    async def _give_back(self) -> None:
        document, self._document = self._document, None
        if self._store is not None:
            self._store.close()
            self._store = None
        if self._growth is not None:
            self._growth.close()
            self._growth = None
        if document is not None:
            await document.close()

    def _put(self, table: str, rows: Rows) -> None:
        self._tables[table].put(rows)
        self._write_within(SOON)

    def _write_within(self, seconds: float) -> None:
        if self._writing is None:
            self._writing = asyncio.get_running_loop().call_later(seconds, self._write)

    def _write(self) -> None:
        """Write the next bit of each table."""
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None
        if self._store is None or not any(table.left for table in self._tables.values()):
            return
        with self._store.transaction():
            for name, table in self._tables.items():
                table.write(self._store[name])
        if any(table.left for table in self._tables.values()):
            self._write_within(0)
        elif self._growth is not None and self._growth.is_too_large(table.rows for table in self._tables.values()):
            self._spawn(self._documents.renew(DIRECTORY), "a new room of the server's tables")

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class _Shown:
    """What one table is to show, and what of it is in the document."""

    def __init__(self, name: str, after: _Shown | None) -> None:
        self.rows: Rows = {}
        """What it is to show."""
        self.left: deque[str] = deque()
        """Which records are not as they are to be."""
        self.complete = asyncio.Event()
        """Set while there are none."""
        self._name = name
        self._after = after
        self._shown: dict[str, Mapping[str, Any]] = {}

    def put(self, rows: Rows) -> None:
        """Show these rows from now on."""
        self.rows = rows
        gone = [record_id for record_id in self._shown if record_id not in rows]
        self.left = deque(gone + [record_id for record_id, row in rows.items() if self._shown.get(record_id) != row])
        self._note()

    def forget(self) -> None:
        """Show all again, in an empty document."""
        self._shown = {}
        self.put(self.rows)

    def write(self, records: Records) -> None:
        """Write the next bit."""
        if self._after is not None and self._after.left:
            return
        for _ in range(min(BATCH, len(self.left))):
            record_id = self.left.popleft()
            try:
                self._write_one(records, record_id)
            except TableError:
                _log.exception("A row of the table %s cannot be shown", self._name)
        self._note()

    def _note(self) -> None:
        if self.left:
            self.complete.clear()
        else:
            self.complete.set()

    def _write_one(self, records: Records, record_id: str) -> None:
        before, row = self._shown.pop(record_id, None), self.rows.get(record_id)
        if row is None:
            records.delete(record_id)
            return
        self._shown[record_id] = row
        if before is None:
            records.create(row, id=record_id)
        else:
            records.update(record_id, {key: value for key, value in row.items() if before.get(key) != value})


class _Source:
    """Who says what is in one table, and when it is to be asked."""

    def __init__(self, source: Source, put: Callable[[Rows], None], clock: Clock) -> None:
        self._source = source
        self._put = put
        self._clock = clock
        self._due: float | None = None
        self._rests_until = 0.0
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

    @property
    def _next(self) -> float | None:
        return None if self._due is None else max(self._due, self._rests_until)

    async def run(self) -> None:
        """Look whenever it is due, until cancelled."""
        while True:
            await self._clock.wait(self._changed, self._next)
            self._changed.clear()
            if self._next is None or self._clock.now() < self._next:
                continue
            self._due = None
            self._rests_until = self._clock.now() + PAUSE
            try:
                await self.refresh()
            except Exception:  # noqa: BLE001  managers are foreign code; one table's fault is not the others'
                _log.exception("A table of the server could not be brought up to date")
