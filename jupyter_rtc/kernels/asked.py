"""Runs that are asked for by writing a record into the table ``executions`` of the notebook's own document.

The record names a cell, or holds code; the kernel is the notebook's own where it names none. Whoever's connection
brought the record is who asks, whatever the record says. Records are taken as they come; those of one change, in the
order of their cells. A record that cannot be run ends as an error, in words.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from pycrdt import Map, MapEvent

from ..documents import Author, Document
from ..errors import NotAllowed, RtcError, RunError
from . import cells, records
from .contained import contained
from .reasons import DEFECT
from .run import Failure, Options, options_in
from .work import KERNEL

_log = logging.getLogger(__name__)

Request = Callable[[Document, str, Map[Any], Author], Awaitable[None]]

MAY_NOT = "You may not run code on this server."


class AskedByRecord:
    """Hears of records in one document."""

    def __init__(
        self, document: Document, request: Request, spawn: Callable[[Coroutine[Any, Any, None]], None]
    ) -> None:
        """Call ``request`` for each new record whose author may run code; ``spawn`` keeps the tasks."""
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
            for run_id in sorted(run_ids, key=self._place):
                if self._requested(run_id) is not None:
                    await self._take(run_id, author)

    def _place(self, run_id: str) -> tuple[int, str]:
        """Return where its cell is: a change of the document does not say which record was written first."""
        record = self._requested(run_id)
        cell_id = None if record is None else records.name_in(record, "cell_id")
        return cells.place(self._document.ydoc, cell_id), run_id

    def _requested(self, run_id: str) -> Map[Any] | None:
        """Return the record, if it is there and asks for a run."""
        record = self._table.get(run_id)
        return record if isinstance(record, Map) and record.get("status") == "requested" else None

    async def _take(self, run_id: str, author: Author) -> None:
        try:
            await _require_permission(author)
            if (record := self._requested(run_id)) is not None:
                await self._request(self._document, run_id, record, author)
        except RtcError as error:
            self._refuse(run_id, Failure(type(error).__name__, error.words))
        except Exception:  # noqa: BLE001  whatever fails, who asked is told, and the next record has its turn
            _log.exception("A run that a record in %s asks for met a defect", self._document.room)
            self._refuse(run_id, DEFECT)

    def _refuse(self, run_id: str, failure: Failure) -> None:
        record = self._table.get(run_id)
        if isinstance(record, Map):
            where = "Why a run cannot be could not be said in %s", self._document.room
            with contained(*where), self._document.edit(KERNEL):
                records.refuse(record, failure)


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
