"""When what is kept beside documents is needed no more, and deleted.

* While a notebook is open: whenever as much has come as is kept, and at least ``SLACK``. What neither the document
  refers to nor the state that the file agreed on with it last goes, at once if the cell was run again; other outputs
  (of a cell that was deleted or cut) may come back within ``GRACE``, and go when it is looked for the next time.
* When it is closed: all that the document does not refer to. Nothing if runs go on in it, whose room failed: what they
  leave aside is referred to a moment later, in the room that is opened anew.
* Of a notebook that was deleted while it was closed: all of it, after ``MOURNING``; so it is still there when somebody
  puts the file back, or gets the document out of the store.

Time is an input.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from pycrdt import Doc

from ..documents import Document
from ..ids import RoomId, file_address
from ..supernode.clock import Clock
from . import cells, records
from .contained import contained
from .left_aside import Growth, LeftAside, file_in, name_in, run_of

SLACK = 64 * 2**20
"""How much comes, in bytes, before it is looked for at all."""
GRACE = 600.0
"""Seconds for which what nothing refers to can come back, as when a cell is cut and pasted."""
SWEEP = 3600.0
"""Seconds between two looks for notebooks that are gone."""
MOURNING = 7 * 24 * 3600.0
"""Seconds for which outputs of a notebook are kept that is gone."""


class Tidying:
    """Tidies up what is kept beside the documents of one server."""

    def __init__(
        self,
        aside: LeftAside,
        clock: Clock,
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        is_gone: Callable[[str], Awaitable[bool]] | None = None,
    ) -> None:
        """Look when it grows; ``spawn`` keeps the tasks, ``is_gone`` says whether there is no file of an id."""
        self._aside = aside
        self._clock = clock
        self._spawn = spawn
        self._is_gone = is_gone
        self._open: dict[str, Document] = {}
        self._kept: dict[str, int] = {}
        """How much is kept of each open notebook that was looked at."""
        self._unused: dict[str, dict[str, float]] = {}
        """Since when what is kept of each has been without use."""
        self._never = asyncio.Event()
        aside.grew = self._grew

    def attach(self, document: Document) -> None:
        """Begin to tidy up for a document that was opened."""
        if (file_id := _file_id(document.room)) is not None:
            self._open[file_id] = document

    def detach(self, document: Document, *, goes_on: bool = False) -> None:
        """Delete what a document does not refer to that was saved and is about to be closed.

        ``goes_on`` is whether runs go on in it.
        """
        file_id = _file_id(document.room)
        if file_id is None:
            return
        for known in (self._open, self._kept, self._unused):
            known.pop(file_id, None)
        if goes_on:
            return
        self._let_others_take(file_id)
        if sizes := self._aside.sizes(document.room):
            self._aside.delete(document.room, sizes.keys() - _names(document.ydoc))
        self._aside.close(document.room)

    def _grew(self, file_id: str, growth: Growth) -> None:
        if growth.size > max(SLACK, self._kept.get(file_id, 0)) and file_id in self._open:
            growth.size = 0
            self._spawn(self._look(self._open[file_id], growth))

    async def _look(self, document: Document, growth: Growth) -> None:
        with contained("What is left aside could not be tidied up for %s", document.room):
            used = _names(document.ydoc)
            agreed = await document.agreed()
            if self._open.get(_file_id(document.room) or "") is not document:
                return
            used |= _names(document.ydoc)
            if agreed is not None:
                used |= _names(agreed[1])
            self._let_others_take(_file_id(document.room) or "")
            self._delete_unused(document.room, used, growth)

    def _delete_unused(self, room: RoomId, used: set[str], growth: Growth) -> None:
        sizes, now, file_id = self._aside.sizes(room), self._clock.now(), _file_id(room) or ""
        before = self._unused.get(file_id, {})
        unused = {name: before.get(name, now) for name in sizes.keys() - used}
        gone = {name for name, since in unused.items() if run_of(name) in growth.replaced or now - since >= GRACE}
        self._aside.delete(room, gone)
        left = sizes.keys() - gone
        growth.runs &= {run_of(name) for name in left}
        growth.replaced &= growth.runs
        self._unused[file_id] = {name: since for name, since in unused.items() if name not in gone}
        self._kept[file_id] = sum(sizes[name] for name in left)

    def _let_others_take(self, file_id: str) -> None:
        """Let the other open notebooks take in what was pasted into them of this one, and is in no file yet."""
        if not self._aside.has(file_id):
            return
        for other, document in self._open.items():
            for reference in _references(document.ydoc) if other != file_id else ():
                if file_in(reference) == file_id:
                    self._aside.take_in(document.room, reference)

    async def sweep_now_and_then(self) -> None:
        """Look at intervals for notebooks that are gone, until cancelled."""
        while True:
            with contained("What is left aside of notebooks that are gone could not be looked for"):
                await self.sweep()
            await self._clock.wait(self._never, self._clock.now() + SWEEP)

    async def sweep(self) -> None:
        """Delete what is kept of notebooks that have been gone for long."""
        for file_id in self._aside.file_ids if self._is_gone is not None else []:
            with contained("It could not be found out whether a notebook is gone of which outputs are left aside"):
                await self._look_for(file_id)

    async def _look_for(self, file_id: str) -> None:
        assert self._is_gone is not None
        if file_id in self._open or not await self._is_gone(file_id):
            self._aside.is_there(file_id)
        elif file_id not in self._open and self._clock.wall() - self._gone_since(file_id) >= MOURNING:
            await asyncio.to_thread(self._aside.delete_all, file_id)

    def _gone_since(self, file_id: str) -> float:
        return self._aside.gone_since(file_id, self._clock.wall())


def _references(ydoc: Doc[Any]) -> set[str]:
    return cells.references(ydoc) | records.references(ydoc)


def _names(ydoc: Doc[Any]) -> set[str]:
    """Return the names under which it is kept what a document refers to."""
    return {name_in(reference) for reference in _references(ydoc)}


def _file_id(room: RoomId) -> str | None:
    address = file_address(room)
    return None if address is None else address.file_id
