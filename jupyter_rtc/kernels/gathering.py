"""Requests that a page makes in one moment: they wait for each other, and are then queued in the order it meant.

The first of a burst opens a short window, in which its author's last keystrokes are waited for as well. What comes
later still takes its place in the batch, before what has not begun, together with what comes in the same turn of the
event loop. What others make of the cells meanwhile is looked at (``texts``). Each request is answered by itself: with
its run, or with why it cannot be.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Protocol

from ..documents import Document, Documents
from ..errors import RtcError, RunError
from ..supernode.clock import Clock
from . import cells
from .burst import Asked, Burst, Bursts, window
from .run import Options, Run
from .texts import Texts


class Wants(Protocol):
    """What is to be run."""

    @property
    def cell_id(self) -> str | None:
        """The cell, if it is one."""


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """One request of a page."""

    asked: Asked
    made_at: float
    """When the page made it, in its milliseconds."""
    wanted: Any
    options: Options | None
    answer: asyncio.Future[Run]


Place = tuple[float, int]
"""The place that a run takes in its batch: when the page asked for it, and where its cell is."""

Queue = Callable[[Document, Sequence[tuple[Request, Place]], Burst, Texts], Awaitable[Sequence[Run | RtcError]]]
"""Queue what requests of one burst ask for, given their order; return the run of each, or why not."""


@dataclass(slots=True, eq=False)
class _Gathered:
    """Requests of one burst that are queued together."""

    requests: list[Request]
    texts: Texts | None = None
    """Who looks at their cells, once the document is open."""

    def add(self, request: Request) -> None:
        self.requests.append(request)
        if self.texts is not None:
            self.texts.note(request.wanted.cell_id)


class Gathering:
    """Gathers requests."""

    def __init__(
        self, documents: Documents, clock: Clock, queue: Queue, spawn: Callable[[Coroutine[Any, Any, None]], None]
    ) -> None:
        """Hand requests to ``queue``; ``spawn`` keeps the tasks."""
        self._documents = documents
        self._clock = clock
        self._queue = queue
        self._spawn = spawn
        self._bursts = Bursts()
        self._open: dict[str, _Gathered] = {}
        self._never = asyncio.Event()

    async def ask(self, asked: Asked, at: float, made_at: float, wanted: Wants, options: Options | None) -> Run:
        """Queue a run together with what the same page asks for in this moment; raises RtcError.

        ``at`` is when it was asked for, by our clock.
        """
        burst, is_first = self._bursts.join(asked, made_at, at)
        request = Request(asked, made_at, wanted, options, asyncio.get_running_loop().create_future())
        if burst.id in self._open:
            self._open[burst.id].add(request)
        else:
            self._open[burst.id] = _Gathered([request])
            self._spawn(self._close(asked, burst, self._open[burst.id], is_first=is_first))
        return await request.answer

    async def _close(self, asked: Asked, burst: Burst, gathered: _Gathered, *, is_first: bool) -> None:
        try:
            if not is_first:
                await asyncio.sleep(0)
                self._forget(burst, gathered)  # whoever comes now may have typed more
            document = await self._documents.open(asked.room)
            try:
                with Texts(document, asked.username, [one.wanted.cell_id for one in gathered.requests]) as texts:
                    gathered.texts = texts
                    began = self._clock.now()
                    await document.catch_up(asked.username)
                    if is_first:
                        now = self._clock.now()
                        await self._clock.wait(self._never, now + window(now - began))
                        self._forget(burst, gathered)
                    await self._queue_all(document, burst, gathered.requests, texts)
            finally:
                await document.close()
        except RtcError as error:
            _fail(gathered.requests, error)
        finally:
            self._forget(burst, gathered)
            _fail(gathered.requests, RunError("The server stops, or met a defect of its own; its log says more."))

    def _forget(self, burst: Burst, gathered: _Gathered) -> None:
        """Let nobody join these any more."""
        if self._open.get(burst.id) is gathered:
            del self._open[burst.id]

    async def _queue_all(self, document: Document, burst: Burst, requests: list[Request], texts: Texts) -> None:
        placed = [(one, (one.made_at, cells.place(document.ydoc, one.wanted.cell_id))) for one in requests]
        placed.sort(key=itemgetter(1))
        for (request, _), found in zip(placed, await self._queue(document, placed, burst, texts), strict=True):
            if isinstance(found, RtcError):
                _fail([request], found)
            elif not request.answer.done():
                request.answer.set_result(found)


def _fail(requests: list[Request], error: RtcError) -> None:
    for request in requests:
        if not request.answer.done():
            request.answer.set_exception(error)
