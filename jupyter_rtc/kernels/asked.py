"""Runs that are asked for by writing a record into the table ``executions`` of the notebook's own document.

The record names a cell, or holds code; the kernel is the notebook's own where it names none. Whoever's connection
brought the record is who asks, whatever the record says. A record that cannot be run ends as an error, in words.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from pycrdt import Map, MapEvent

from ..documents import Author, Document
from ..errors import NotAllowed, RtcError, RunError
from . import records
from .run import Failure, Options, options_in
from .work import KERNEL

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
        self._table = records.executions(document.ydoc)
        self._subscription = self._table.observe(self._changed)

    def close(self) -> None:
        """Hear no more."""
        self._table.unobserve(self._subscription)

    def _changed(self, event: MapEvent) -> None:
        author = self._document.author
        if author is None:
            return
        for run_id, change in event.keys.items():  # type: ignore[attr-defined]
            if change["action"] == "add":
                self._spawn(self._take(run_id, author))

    async def _take(self, run_id: str, author: Author) -> None:
        record = self._table.get(run_id)
        if not isinstance(record, Map) or record.get("status") != "requested":
            return
        try:
            if not await author.may("execute", "kernels"):
                raise NotAllowed(MAY_NOT)
            await self._request(self._document, run_id, record, author)
        except RtcError as error:
            self._refuse(record, Failure(type(error).__name__, error.words))

    def _refuse(self, record: Map[Any], failure: Failure) -> None:
        with self._document.edit(KERNEL):
            records.refuse(record, failure)


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
