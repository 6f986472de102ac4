"""The supernode's half that runs code: it takes requests for runs, and gives each kernel its own.

``app`` builds one, starts it, and closes it before the relay, so that what ran is saved as it ended. Requests for one
notebook are taken in the order in which they come. What happens to kernels is heard from Jupyter Server's events,
whoever makes it happen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextvars import Context
from dataclasses import replace
from typing import Any

from ..datastore.outputs import CellOutputs
from ..documents import Document, Documents
from ..errors import KernelUnavailable, RtcError, RunError
from ..ids import RoomId
from ..notices import Announce, unheard
from ..supernode.clock import Clock, SystemClock
from .asked import AskedByRecord, Records, options_of, text_of
from .burst import Asked, Burst
from .contained import contained
from .gathering import Gathering, Place, Request
from .inputs import Answered
from .kernel import Kernel
from .left_aside import LeftAside
from .reasons import NO_KERNEL
from .recovery import Recovery
from .run import Failure, Options, Run
from .surroundings import KernelSettings, Surroundings
from .texts import Texts
from .tidying import Tidying
from .wanted import Asker, Piece, Wanted, is_as_expected, may_raise, piece_of, show_refusal
from .wire import unlimited_context
from .work import Work

__all__ = ["KERNEL_EVENTS", "Asker", "Kernels", "Wanted"]

KERNEL_EVENTS = "https://events.jupyter.org/jupyter_server/kernel_actions/v1"


class Kernels:
    """All kernels that documents use."""

    def __init__(  # noqa: PLR0913  what a server has, given by name
        self,
        kernel_manager: Any,
        documents: Documents,
        event_logger: Any | None = None,
        *,
        kernel_of: Callable[[RoomId], Awaitable[str | None]] | None = None,
        settings: KernelSettings | None = None,
        aside: LeftAside | None = None,
        is_gone: Callable[[str], Awaitable[bool]] | None = None,
        announce: Announce = unheard,
        clock: Clock | None = None,
    ) -> None:
        """Use this server's kernels; nothing is started.

        ``kernel_of`` names the kernel of a notebook's session; ``is_gone`` tells whether there is no file of an id.
        """
        self._kernel_of = kernel_of
        self._around = Surroundings(
            kernel_manager,
            documents,
            clock or SystemClock(),
            announce,
            unlimited_context(),
            settings or KernelSettings(),
            aside,
        )
        self._events = event_logger
        self._kernels: dict[str, Kernel] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._asked: dict[RoomId, AskedByRecord] = {}
        self._turns: dict[RoomId, asyncio.Lock] = {}
        self._gathering = Gathering(documents, self._around.clock, self._queue_gathered, self._spawn)
        self._runs = self._around.remembered
        self._recovery = Recovery(documents, self._around.clock, self._runs, self._kernels, self._around.cell_runs)
        self._tidying = None if aside is None else Tidying(aside, self._around.clock, self._spawn, is_gone)

    async def start(self) -> None:
        """Begin to hear what happens to kernels."""
        if self._events is not None:
            self._events.add_listener(schema_id=KERNEL_EVENTS, listener=self._on_event)
        if self._tidying is not None:
            self._spawn(self._tidying.sweep_now_and_then())

    async def close(self) -> None:
        """Give up what has not ended, and let go of all kernels; none is stopped."""
        if self._events is not None:
            self._events.remove_listener(schema_id=KERNEL_EVENTS, listener=self._on_event)
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        self._around.context.destroy(linger=0)

    # --- requests ---------------------------------------------------------------------------------------

    def asks(self, username: str) -> Asker:
        """Note that somebody asks for runs now: they are not for a kernel that is started anew later."""
        return Asker(username, self._note_asking())

    async def run(
        self, kernel_id: str, room: RoomId, wanted: Sequence[Wanted], asker: Asker, options: Options | None = None
    ) -> list[Run]:
        """Run these cells after each other with nothing in between; return as soon as they are queued.

        A cell runs as its author sees it: what they typed before they asked is waited for.

        Raises:
            DocumentError: there is no such document.
            RunError: there is no such cell or kernel, or a cell is not as expected; nothing is run.

        """
        asker = asker if asker.at is not None else self.asks(asker.username)
        document = await self._around.documents.open(room)
        try:
            if not wanted:
                return []
            with Texts(document, asker.username, [one.cell_id for one in wanted]) as texts:
                if any(one.code is None and not is_as_expected(document, one) for one in wanted):
                    await document.catch_up(asker.username)
                async with self._turn(room):
                    await texts.settle()
                    pieces = [piece_of(document, one, options, texts) for one in wanted]
                    return await self._queue(kernel_id, document, pieces, asker)
        finally:
            await document.close()

    async def run_with_others(
        self, kernel_id: str, room: RoomId, wanted: Wanted, asker: Asker, options: Options | None, made_at: float
    ) -> Run:
        """Run what a page asks for, in its order among what the page asks for in the same moment.

        ``made_at`` is when the page made the request, in its milliseconds. Raises as ``run``.
        """
        asked, at = Asked(asker.username, room, kernel_id), asker.at
        asked_at = self._note_asking() if at is None else at
        return await self._gathering.ask(asked, asked_at, made_at, wanted, options)

    async def _queue_gathered(
        self, document: Document, requests: Sequence[tuple[Request, Place]], burst: Burst, texts: Texts
    ) -> list[Run | RtcError]:
        """Queue what can be run, in this order; return for each request its run, or why there is none."""
        asked = requests[0][0].asked
        found: dict[int, Run | RtcError] = {}
        pieces: dict[int, Piece] = {}
        async with self._turn(asked.room):
            await texts.settle()
            for at, (one, place) in enumerate(requests):
                try:
                    pieces[at] = piece_of(document, one.wanted, one.options, texts, place)
                except RunError as error:
                    found[at] = error
            try:
                asker, those = Asker(asked.username, burst.began_at), list(pieces.values())
                runs = await self._queue(asked.kernel_id, document, those, asker, burst.id) if those else []
            except RtcError as error:
                found |= dict.fromkeys(pieces, error)
            else:
                found |= dict(zip(pieces, runs, strict=True))
        return [found[at] for at in range(len(requests))]

    def answer(self, kernel_id: str, question_id: str | None, value: str, username: str) -> Answered:
        """Answer what a kernel's running code asks; without an id, whatever it asks now."""
        kernel = self._kernels.get(kernel_id)
        if kernel is None:
            return Answered.UNKNOWN
        if question_id is None:
            question_id = next((one.id for one in kernel.inputs.questions), "")
        return kernel.inputs.answer(question_id, value, username)

    def cancel(self, run_id: str) -> bool:
        """Give up a run that waits; return whether that is enough: what runs already is to be interrupted."""
        work = self._runs.find(run_id)
        if work is None:
            return True
        kernel = self._kernels.get(work.run.kernel_id)
        return work.run.status.ended or kernel is None or kernel.cancel(work.run)

    def going_on(self, kernel_id: str) -> list[Work]:
        """Return what a kernel runs, and then what waits for it."""
        kernel = self._kernels.get(kernel_id)
        found = [] if kernel is None else [self._runs.find(run.id) for run in kernel.queue.going_on]
        return [work for work in found if work is not None]

    def find(self, run_id: str) -> Work | None:
        """Return a run by its id, if it is not too long ago."""
        return self._runs.find(run_id)

    def kernel(self, kernel_id: str) -> Kernel | None:
        """Return a kernel that documents use."""
        return self._kernels.get(kernel_id)

    def status(self) -> list[dict[str, Any]]:
        """Return what an administrator wants to see; no content."""
        return [
            {
                "kernel": kernel.id,
                "state": kernel.state,
                "generation": kernel.queue.generation,
                "running": kernel.queue.current.id if kernel.queue.current else None,
                "waiting": len(kernel.queue),
            }
            for kernel in self._kernels.values()
        ]

    def attach(self, document: Document, *, restored: bool = True) -> None:
        """Begin to hear of runs that are asked for in this document, which has just been loaded.

        ``restored``: whether it has a past, in which runs may have been left without an end.
        """
        if restored:
            self._recovery.end_lost(document, self._around.clock.wall())
        if self._recovery.is_due(document):
            self._spawn(self._recovery.bring_over(document.room))
        if self._tidying is not None:
            self._tidying.attach(document)
        self._around.absences.attach(document, self._around.cell_runs)
        self._around.facts.attach(document, lambda kernel_id: kernel_id in self._around.kernel_manager)
        self._asked[document.room] = AskedByRecord(document, self._run_records, self._spawn, self.asks)

    def detach(self, document: Document) -> None:
        """Hear no more of this document, which has been saved; what it does not refer to is kept no longer."""
        if asked := self._asked.pop(document.room, None):
            asked.close()
        self._around.absences.detach(document)
        self._around.facts.detach(document)
        self._turns.pop(document.room, None)
        goes_on = self._recovery.note_closed(document.room)
        if goes_on:
            self._spawn(self._recovery.reopen(document.room))
        if self._tidying is not None:
            self._tidying.detach(document, goes_on=goes_on)

    async def _run_records(self, document: Document, asked: Records, asker: Asker, batch: str) -> None:
        """Queue what records ask for that name the same kernel and options."""
        first = next(iter(asked.values()))
        kernel_id, options = text_of(first, "kernel_id"), options_of(first)
        wanted = [
            Wanted(text_of(record, "cell_id"), text_of(record, "code"), text_of(record, "source_hash"), run_id=run_id)
            for run_id, record in asked.items()
        ]
        if kernel_id is None and self._kernel_of is not None:
            kernel_id = await self._kernel_of(document.room)
        held = await self._around.documents.open(document.room)
        try:
            async with self._turn(document.room):
                pieces = [piece_of(held, one, options) for one in wanted]
                await self._queue(kernel_id or "", held, pieces, asker, batch)
        finally:
            await held.close()

    # --- what happens -----------------------------------------------------------------------------------

    def _note_asking(self) -> float:
        """Return what time it is; kernels that are leaving are known to leave, so that it is the next that is asked."""
        for kernel in self._kernels.values():
            kernel.notice_leaving()
        return self._around.clock.now()

    async def _queue(
        self, kernel_id: str, document: Document, pieces: Sequence[Piece], asker: Asker, batch: str = ""
    ) -> list[Run]:
        """Queue these, all or none; raises RunError."""
        works: list[Work] = []
        try:
            for piece in pieces:
                run = self._run_of(piece, document, kernel_id, asker, batch)
                batch = run.batch
                held = await self._around.documents.open(document.room)
                works.append(Work(run, held, self._outputs(run), self._around.clock.now()))
            self._submit(kernel_id, works, asker)
        except BaseException as error:
            for work in works:
                await work.release().close()
            if isinstance(error, KernelUnavailable):
                wanted = [piece.wanted for piece in pieces]
                show_refusal(document, wanted, Failure("KernelUnavailable", error.words))
            raise
        return [work.run for work in works]

    def _run_of(self, piece: Piece, document: Document, kernel_id: str, asker: Asker, batch: str) -> Run:
        options = piece.options or Options()
        record_timing = options.record_timing or self._around.settings.record_timing
        stops = not may_raise(document, piece.wanted) if options.stop_on_error is None else options.stop_on_error
        run = Run(
            document.room,
            kernel_id,
            piece.code,
            asker.username,
            cell_id=piece.wanted.cell_id,
            batch=batch,
            place=piece.place,
            options=replace(options, record_timing=record_timing, stop_on_error=stops),
            asked_at=self._around.clock.wall(),
            marks=piece.wanted.marks,
        )
        run.id = piece.wanted.run_id or run.id
        return run

    def _submit(self, kernel_id: str, works: list[Work], asker: Asker) -> None:
        """Hand the runs to their kernel; nothing may come between looking for it and this. Raises RunError."""
        if any(work.run.id in self._runs for work in works):
            raise RunError("A run of this name was asked for already. Give the record another id.")
        kernel = self._kernel(kernel_id)
        self._runs.add(works)
        kernel.submit(works, asker.at)

    def _kernel(self, kernel_id: str) -> Kernel:
        if kernel_id not in self._around.kernel_manager:
            raise KernelUnavailable(NO_KERNEL)
        kernel = self._kernels.get(kernel_id)
        if kernel is None or not kernel.takes_runs:
            kernel = Kernel(kernel_id, self._around)
            self._kernels[kernel_id] = kernel
            self._spawn(self._serve(kernel))
        return kernel

    def _turn(self, room: RoomId) -> asyncio.Lock:
        return self._turns.setdefault(room, asyncio.Lock())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        # In nobody's context: else a kernel would keep the request that ran its first cell.
        Context().run(self._begin, work)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, kernel: Kernel) -> None:
        try:
            with contained("Kernel %s is served no more", kernel.id):
                await kernel.serve()
        finally:
            if self._kernels.get(kernel.id) is kernel:
                del self._kernels[kernel.id]
                self._runs.let_go_of_all(kernel.id)

    def _outputs(self, run: Run) -> CellOutputs:
        settings, aside = self._around.settings, self._around.aside
        return CellOutputs(
            max_stream_bytes=settings.max_stream_bytes,
            max_output_bytes=settings.max_output_bytes,
            max_cell_bytes=settings.max_cell_bytes,
            aside=None if aside is None else aside.for_run(run.room, run.id),
        )

    async def _on_event(self, logger: Any, schema_id: str, data: dict[str, Any]) -> None:
        kernel = self._kernels.get(data.get("kernel_id", ""))
        if kernel is None:
            return
        match data["action"], data.get("status") == "error":
            case "interrupt", False:
                kernel.interrupted()
            case "restart", False:
                kernel.restarted()
            case "shutdown", False:
                kernel.shut_down()
            case "restart" | "shutdown", True:
                await kernel.not_restarted()
