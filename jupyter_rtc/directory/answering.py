"""Requests in one document: records of the table ``requests`` that anybody writes, and the server's answers in them.

Whoever's connection brought a record is who asks, whatever the record says; what they may do is asked for each request.
Every request ends, ``done`` or ``failed`` with words. A record that an earlier life of the server did not bring to its
end fails as well. Of those that ended the newest are kept.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from ..documents import Author, Document
from ..errors import NotAllowed, RecordMissing, TableError
from ..supernode.clock import Clock
from ..tables import Change, Datastore, Record, Schema
from .failures import STOPPED, words_of
from .request import Request
from .values import shareable

KEPT = 100
"""How many requests that ended are kept."""
WAITING = 2_000
"""How many may run at the same time in one document."""
LARGEST = 16 * 2**20
"""Characters of a result, as JSON; what is larger is refused, for everybody with the document would get it."""
ENDED = ("done", "failed")
ORIGIN = "requests"


class Answering:
    """Hears of requests in one document, and answers them."""

    def __init__(
        self,
        document: Document,
        schema: Schema,
        requests: Mapping[str, Request],
        clock: Clock,
        kept: int = KEPT,
        fresh: Mapping[str, Author] | None = None,
    ) -> None:
        """Answer ``requests``; keep so many of those that ended.

        ``fresh``: what has just been asked, and by whom; what else waits was asked in an earlier life of the server.
        """
        self._requests = requests
        self._clock = clock
        self._kept = kept
        self._tasks: set[asyncio.Task[None]] = set()
        self._store = Datastore(document.ydoc, schema, author=ORIGIN, server=True, edit=document.edit)
        self._table = self._store["requests"]
        self._document = document
        self._running: set[str] = set()
        self._ended: dict[str, None] = {}
        """Those that have ended, the oldest first."""
        self._recover(fresh or {})
        self._hearer = self._table.observe(self._heard)

    @property
    def busy(self) -> bool:
        """Whether something is not answered yet."""
        return bool(self._running)

    async def close(self) -> None:
        """Hear no more, and give up what is not answered yet."""
        self._hearer.close()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        self._store.close()

    def _heard(self, changes: tuple[Change, ...]) -> None:
        author = self._document.author
        if author is None:
            return
        for change in changes:
            if change.before is None and change.after is not None and change.after["status"] == "requested":
                self._begin(change.id, change.after, author)

    def _begin(self, record_id: str, record: Mapping[str, Any], author: Author) -> None:
        self._running.add(record_id)
        answer = self._answer(record_id, record["name"], record["args"], author)
        task = asyncio.create_task(answer, name="a request")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, record_id: str, name: Any, args: Any, author: Author) -> None:
        begun = self._clock.now()
        asked_at = self._clock.wall()
        record = Record(self._table, record_id)
        try:
            self._write(record, status="running", user=author.username, asked_at=asked_at)
            end = await self._outcome(name, args, author)
            took = self._clock.now() - begun
            self._write(record, **end, ended_at=self._clock.wall(), duration=took)
        finally:
            self._running.discard(record_id)
            self._ended[record_id] = None
            self._prune()

    async def _outcome(self, name: Any, args: Any, author: Author) -> dict[str, Any]:
        """Return the fields that say how it ended."""
        try:
            result = _bounded(shareable(await self._result(name, args, author)))
        except Exception as error:  # noqa: BLE001  managers are foreign code; each failure is answered in words
            return {"status": "failed", "reason": words_of(error)}
        return {"status": "done", "result": result}

    async def _result(self, name: Any, args: Any, author: Author) -> Any:
        if len(self._running) > WAITING:
            raise TableError(f"More than {WAITING} requests are running already; wait for some of them.")
        found = self._requests.get(name) if isinstance(name, str) else None
        if found is None:
            raise TableError(f"There is no request {name!r}; there are {', '.join(sorted(self._requests))}.")
        given = found.checked(args)
        if not await author.may(found.action, found.resource):
            raise NotAllowed(f"You may not do this: it needs the permission to {found.action} {found.resource}.")
        return await found.answer(author, **given)

    def _write(self, record: Record, **fields: Any) -> None:
        """Write into the record, if its author has not deleted it."""
        with suppress(RecordMissing):
            try:
                record.update(fields)
            except TableError as error:
                record.update(status="failed", reason=f"The result cannot be shared. {error.words}")

    def _recover(self, fresh: Mapping[str, Author]) -> None:
        for record_id, fields in self._table.as_dict().items():
            if record_id in fresh and fields["status"] == "requested":
                self._begin(record_id, fields, fresh[record_id])
                continue
            if fields["status"] not in ENDED:
                self._write(Record(self._table, record_id), status="failed", reason=STOPPED)
            self._ended[record_id] = None
        self._prune()

    def _prune(self) -> None:
        while len(self._ended) > self._kept:
            oldest = next(iter(self._ended))
            del self._ended[oldest]
            with suppress(RecordMissing):
                self._table.delete(oldest)


def _bounded(result: Any) -> Any:
    if len(json.dumps(result)) > LARGEST:
        raise TableError("The result is too large to be shared. If it is a file, open its document.")
    return result
