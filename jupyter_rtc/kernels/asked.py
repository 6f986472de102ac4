"""Runs that are asked for by writing a record into the table ``executions`` of the notebook's own document.

The record names a cell, or holds code; the kernel is the notebook's own where it names none. Whoever's connection
brought the record is who asks, whatever the record says. Records are taken as they come; those of one change are a
batch, in the order of their cells. A record that cannot be run ends as an error, in words.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any
from uuid import uuid4

from pycrdt import Map, MapEvent

from ..documents import Author, Document
from ..errors import NotAllowed, RtcError, RunError
from . import cells, records
from .contained import contained
from .reasons import DEFECT
from .run import Failure, Options, options_in
from .work import KERNEL

_log = logging.getLogger(__name__)

Records = dict[str, Map[Any]]
Request = Callable[[Document, Records, Author, str], Awaitable[None]]
"""Queue the runs that these records ask for, by their ids, as a part of a batch; raises RtcError."""

MAY_NOT = "You may not run code on this server."


class AskedByRecord:
    """Hears of records in one document."""

    def __init__(
        self, document: Document, request: Request, spawn: Callable[[Coroutine[Any, Any, None]], None]
    ) -> None:
        """Call ``request`` for new records whose author may run code; ``spawn`` keeps the tasks."""
        self._document = document
        self._request = request
        self._spawn = spawn
        self._turn = asyncio.Lock()
        self._table = records.executions(document.ydoc)
        self._subscription = self._table.observe(self._changed)

    def close(self) -> None:
        """Hear no more."""
        self._table.unobserve(self._subscription)

    def _changed(self, event: MapEvent) -> None:
        author = self._document.author
        if author is None:
            return
        added = [run_id for run_id, change in event.keys.items() if change["action"] == "add"]  # type: ignore[attr-defined]
        if added:
            self._spawn(self._take_all(added, author))

    async def _take_all(self, run_ids: list[str], author: Author) -> None:
        async with self._turn:
            asked = [run_id for run_id in sorted(run_ids, key=self._place) if self._requested(run_id) is not None]
            batch = uuid4().hex
            for together in _of_one_kind(asked, self._kind):
                await self._take(together, author, batch)

    def _place(self, run_id: str) -> tuple[int, str]:
        """Return where its cell is: a change of the document does not say which record was written first."""
        record = self._requested(run_id)
        cell_id = None if record is None else records.name_in(record, "cell_id")
        return cells.place(self._document.ydoc, cell_id), run_id

    def _requested(self, run_id: str) -> Map[Any] | None:
        """Return the record, if it is there and asks for a run."""
        record = self._table.get(run_id)
        return record if isinstance(record, Map) and record.get("status") == "requested" else None

    def _kind(self, run_id: str) -> tuple[Any, Any]:
        """Return what the runs of one call have in common: the kernel and the options."""
        record = self._requested(run_id)
        options = None if record is None else record.get("options")
        return record and record.get("kernel_id"), options.to_py() if isinstance(options, Map) else options

    async def _take(self, run_ids: list[str], author: Author, batch: str) -> None:
        """Have records queued at once; where one of them cannot be, each by itself."""
        try:
            await _require_permission(author)
            found = {run_id: self._requested(run_id) for run_id in run_ids}
            asked = {run_id: record for run_id, record in found.items() if record is not None}
            if asked:
                await self._request(self._document, asked, author, batch)
        except Exception as error:  # noqa: BLE001  whatever fails, who asked is told, and the next record has its turn
            if len(run_ids) > 1:
                for run_id in run_ids:
                    await self._take([run_id], author, batch)
            else:
                self._refuse(run_ids[0], self._failure(error))

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


def _of_one_kind(run_ids: list[str], kind: Callable[[str], object]) -> list[list[str]]:
    """Divide a sequence where the kind changes."""
    parts: list[list[str]] = []
    for run_id in run_ids:
        if parts and kind(parts[-1][-1]) == kind(run_id):
            parts[-1].append(run_id)
        else:
            parts.append([run_id])
    return parts


async def _require_permission(author: Author) -> None:
    if not await author.may("execute", "kernels"):
        raise NotAllowed(MAY_NOT)


def options_of(record: Map[Any]) -> Options:
    """Return how the record wants it run; raises RunError."""
    given = record.get("options")
    return options_in(given.to_py() if isinstance(given, Map) else given)


def text_of(record: Map[Any], name: str) -> str | None:
    """Return a field that is a text or absent; raises RunError."""
    value = record.get(name)
    if value is not None and not isinstance(value, str):
        raise RunError(f"The field ``{name}`` of a run is a text.")
    return value or None
