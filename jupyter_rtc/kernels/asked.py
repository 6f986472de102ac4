"""Runs that are asked for by writing a record into the table ``executions`` of the notebook's own document.

The record names a cell, or holds code; the kernel is the notebook's own where it names none. Whoever's connection
brought the record is who asks, whatever the record says; and what is run is what the record and its cell said when it
came, whatever others make of them before its turn. Records are taken as they come; those of one change are a batch, in
the order of their cells. A record that cannot be run ends as an error, in words.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any
from uuid import uuid4

from pycrdt import Array, Map, MapEvent

from ..documents import Author, Document
from ..errors import NotAllowed, RtcError, RunError
from . import cells, records
from .contained import contained
from .reasons import DEFECT
from .run import Failure, Options, options_in
from .wanted import Asker
from .work import KERNEL

_log = logging.getLogger(__name__)

Records = dict[str, dict[str, Any]]
"""What records said when they came, by their ids; of one that names a cell, ``code`` is what that cell said."""
Request = Callable[[Document, Records, Asker, str], Awaitable[None]]
"""Queue the runs that these records ask for, by their ids, as a part of a batch; raises RtcError."""

MAY_NOT = "You may not run code on this server."


class AskedByRecord:
    """Hears of records in one document."""

    def __init__(
        self,
        document: Document,
        request: Request,
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        asks: Callable[[str], Asker],
    ) -> None:
        """Call ``request`` for new records whose author may run code.

        ``spawn`` keeps the tasks; ``asks`` notes that somebody asks.
        """
        self._document = document
        self._request = request
        self._spawn = spawn
        self._asks = asks
        self._turn = asyncio.Lock()
        self._table = records.executions(document.ydoc)
        self._cells: Array[Any] = document.ydoc.get("cells", type=Array)
        self._subscription = self._table.observe(self._changed)

    def close(self) -> None:
        """Hear no more."""
        self._table.unobserve(self._subscription)

    def _changed(self, event: MapEvent) -> None:
        author = self._document.author
        if author is None:
            return
        added = [run_id for run_id, change in event.keys.items() if change["action"] == "add"]  # type: ignore[attr-defined]
        with contained("What a record in %s asks for could not be read", self._document.room):
            asked: Records = {
                run_id: record.to_py() or {} for run_id in added if (record := self._requested(run_id)) is not None
            }
            if asked:
                self._note_code(asked)
                self._spawn(self._take_all(asked, author))

    async def _take_all(self, asked: Records, author: Author) -> None:
        asker = self._asks(author.username)
        async with self._turn:
            batch = uuid4().hex
            in_order = dict(sorted(asked.items(), key=self._place))
            for together in _of_one_kind(in_order):
                await self._take(together, author, asker, batch)

    def _note_code(self, asked: Records) -> None:
        """Note what the cells say that records name; in an observer, where documents give nothing by name."""
        named = {records.name_in(record, "cell_id") for record in asked.values() if record.get("code") is None}
        there = cells.find_in(self._document.ydoc, self._cells, {name for name in named if name is not None})
        said = {name: cells.source(cell) for name, cell in there.items()}
        for record in asked.values():
            if record.get("code") is None:
                record["code"] = said.get(records.name_in(record, "cell_id") or "")

    def _place(self, asked: tuple[str, dict[str, Any]]) -> tuple[int, str]:
        """Return where its cell is: a change of the document does not say which record was written first."""
        run_id, record = asked
        return cells.place(self._document.ydoc, records.name_in(record, "cell_id")), run_id

    def _requested(self, run_id: str) -> Map[Any] | None:
        """Return the record, if it is there and asks for a run."""
        record = self._table.get(run_id)
        return record if isinstance(record, Map) and record.get("status") == "requested" else None

    async def _take(self, asked: Records, author: Author, asker: Asker, batch: str) -> None:
        """Have records queued at once; where one of them cannot be, each by itself."""
        try:
            await _require_permission(author)
            asked = {run_id: record for run_id, record in asked.items() if self._requested(run_id) is not None}
            if asked:
                await self._request(self._document, asked, asker, batch)
        except Exception as error:  # noqa: BLE001  whatever fails, who asked is told, and the next record has its turn
            if len(asked) > 1:
                for run_id, record in asked.items():
                    await self._take({run_id: record}, author, asker, batch)
            else:
                self._refuse(next(iter(asked)), self._failure(error))

    def _failure(self, error: Exception) -> Failure:
        if isinstance(error, RtcError):
            return Failure(type(error).__name__, error.words)
        _log.error("A run that a record in %s asks for met a defect", self._document.room, exc_info=error)
        return DEFECT

    def _refuse(self, run_id: str, failure: Failure) -> None:
        record = self._table.get(run_id)
        if isinstance(record, Map):
            where = "Why a run cannot be could not be said in %s", self._document.room
            with contained(*where), self._document.edit(KERNEL):
                records.refuse(record, failure)


def _of_one_kind(asked: Records) -> list[Records]:
    """Divide a sequence where the kernel or the options change, which the runs of one call have in common."""
    parts: list[Records] = []
    kind: tuple[Any, Any] | None = None
    for run_id, record in asked.items():
        before, kind = kind, (record.get("kernel_id"), record.get("options"))
        if not parts or kind != before:
            parts.append({})
        parts[-1][run_id] = record
    return parts


async def _require_permission(author: Author) -> None:
    if not await author.may("execute", "kernels"):
        raise NotAllowed(MAY_NOT)


def options_of(record: Mapping[str, Any]) -> Options:
    """Return how the record wants it run; raises RunError."""
    return options_in(record.get("options"))


def text_of(record: Mapping[str, Any], name: str) -> str | None:
    """Return a field that is a text or absent; raises RunError."""
    value = record.get(name)
    if value is not None and not isinstance(value, str):
        raise RunError(f"The field ``{name}`` of a run is a text.")
    return value or None
