"""One kernel, as the documents use it: it takes runs in order, one at a time, and brings back what comes of them.

* Whatever happens to the kernel, every run ends, with a reason where it did not end well.
* Nothing of an old generation ever runs: a restart gives up all that was asked for before it.

What happens to the kernel only sets facts and wakes; the one task decides by looking. It starts, interrupts and
stops no kernel.
"""

from __future__ import annotations

import asyncio
from typing import Any

from jupyter_core.utils import ensure_async

from ..errors import KernelUnavailable
from . import cells, reasons, records
from .activity import Activity
from .comms import Comms
from .ending import CHECK, Progress, Step, Wait, next_step
from .inputs import Inputs
from .listener import Listener
from .message import Message
from .queue import RunQueue
from .run import Failure, Run, RunStatus
from .surroundings import Surroundings
from .wire import Wire
from .work import Work
from .writer import OutputWriter

RESEND = 3
"""How often a run is sent again that the kernel gave up because of somebody else's error."""
DOWN_CHECK = 0.3
"""Seconds between two looks whether a kernel that went comes back."""
SAME_RESTART = 5.0
"""Seconds within which a restart is told after the new process was seen."""
PRUNE_EVERY = 25
"""After how many runs old records are looked for."""
POSITIONS = 10
"""For how many of those that wait their place is kept up to date."""


class Kernel:
    """One kernel."""

    def __init__(self, kernel_id: str, around: Surroundings) -> None:
        """Get ready; nothing is connected. Raises KeyError: there is no such kernel."""
        self.id = kernel_id
        self.queue = RunQueue()
        self._around = around
        self._process = around.kernel_manager.get_kernel(kernel_id)
        settings = around.settings
        self._writer = OutputWriter(
            around.documents, around.clock, around.announce, settings.gather, settings.gather_max
        )
        self.inputs = Inputs(around.clock.wall, self._writer.write_soon, settings.base_url)
        self.comms = Comms()
        self._activity = Activity(around.kernel_manager, kernel_id)
        self._listener = Listener(around.clock.now, self._writer.write_soon, self.inputs.ask, self.died, self.comms)
        self._works: dict[str, Work] = {}
        self._unpruned = 0
        """How many runs have come since old records were deleted."""
        self._wire: Wire | None = None
        self._spent: list[Wire] = []
        self._wake = asyncio.Event()
        self._down_since: float | None = None
        """Since when its process is known to be gone; None: it is there, as far as known."""
        self._back_at = float("-inf")
        """When its process was found to be there again."""
        self._is_dead = False
        """Whether nobody starts it again by itself."""

    @property
    def state(self) -> str:
        """What the kernel said of itself last."""
        return self._listener.state

    # --- what is asked of it, and what happens to it ----------------------------------------------------

    def submit(self, works: list[Work]) -> None:
        """Take the runs of one batch; their records and cells show that they wait."""
        before = len(self.queue) + (self.queue.current is not None)
        self._works.update({work.run.id: work for work in works})
        self.queue.add([work.run for work in works])
        self._unpruned += len(works)
        with works[0].editing() as doc:
            if self._unpruned >= PRUNE_EVERY:
                self._unpruned = 0
                records.prune(doc)
            for place, work in enumerate(works):
                records.write_run(doc, work.run, before + place)
                self._around.cell_runs.add(work)
                if cell := _cell(doc, work.run):
                    cells.show_waiting(cell)
        if self.queue.is_over(works[0].run.batch):
            self._give_up(self.queue.give_up(lambda run: run.batch == works[0].run.batch), reasons.FAILED_BEFORE)
        self._wake.set()

    def interrupted(self) -> None:
        """Note that somebody interrupted it: the rest of what runs now is given up."""
        if (run := self.queue.current) is not None:
            self._give_up(self.queue.give_up_after(run), reasons.INTERRUPTED)
            self.inputs.cancel(self._works[run.id])

    def died(self) -> None:
        """Note that its process has ended by itself."""
        self._go_down(reasons.DIED)

    def gave_up(self) -> None:
        """Note that it died and is not started again."""
        self._go_down(reasons.DIED)
        self._is_dead = True
        self._tell("dead", reasons.DIED.evalue)

    def shut_down(self) -> None:
        """Note that it was shut down, for good or in order to be started again."""
        self._go_down(reasons.SHUT_DOWN)

    def restarted(self) -> None:
        """Note that it is there again; what was asked for since it went is for the new one."""
        if self._down_since is None and self._around.clock.now() - self._back_at < SAME_RESTART:
            return  # it was found to be back before this was said
        self._go_down(reasons.SHUT_DOWN)
        self._down_since, self._is_dead = None, False
        self._tell("starting")

    # --- its life ---------------------------------------------------------------------------------------

    async def serve(self) -> None:
        """Run what waits, until the kernel is removed or this is cancelled; then nothing is left running."""
        writing = asyncio.create_task(self._writer.run(), name=f"outputs of kernel {self.id}")
        watched = [("restart", self.died), ("dead", self.gave_up)]
        for event, call in watched:
            self._process.add_restart_callback(call, event)
        try:
            while not self._is_gone() or self.queue.busy:
                await self._look_whether_it_is_back()
                while (work := self._next()) is not None:
                    await self._execute(work)
                soon = None if self._down_since is None else self._around.clock.now() + DOWN_CHECK
                await self._around.clock.wait(self._wake, soon)
                self._wake.clear()
        finally:
            for event, call in watched:
                self._process.remove_restart_callback(call, event)
            writing.cancel()
            await asyncio.wait([writing])
            await self._stop()
            if self._is_gone():
                self._tell("dead", reasons.SHUT_DOWN.evalue)

    async def _stop(self) -> None:
        self._give_up(self.queue.restart(), reasons.STOPPED)
        if self.queue.current is not None:
            work = self._works[self.queue.current.id]
            work.say(reasons.STOPPED)
            self._end(work, RunStatus.ABORTED, reasons.STOPPED)
        await self._writer.flush()
        self._hang_up()
        await self._close_spent()

    def _next(self) -> Work | None:
        if (self._is_leaving() or self._is_coming_back()) and not self._is_gone():
            return None
        run = self.queue.begin()
        return None if run is None else self._works[run.id]

    def _is_leaving(self) -> bool:
        return bool(getattr(self._process, "shutting_down", False))  # an event follows that says what becomes of it

    def _is_coming_back(self) -> bool:
        """Whether it is gone, and may still be started again by itself or by who shut it down."""
        if self._down_since is None or self._is_dead:
            return False
        return self._around.clock.now() - self._down_since < self._around.settings.start_timeout

    async def _look_whether_it_is_back(self) -> None:
        if self._down_since is not None and not self._is_leaving() and await ensure_async(self._process.is_alive()):
            self._down_since, self._is_dead = None, False
            self._back_at = self._around.clock.now()
            self._tell("starting")

    async def _execute(self, work: Work) -> None:
        failure: Failure | None = None
        try:
            wire = await self._connect(work)
        except KernelUnavailable as error:
            failure = Failure("KernelUnavailable", error.words)
            work.say(failure)
            self._give_up(self.queue.restart(), failure)
        else:
            if not work.progress.cut:
                await self._run(work, wire)
        status, failure = (RunStatus.ERROR, failure) if failure else work.outcome()
        if status is RunStatus.ERROR and work.run.options.stop_on_error:
            self._give_up(self.queue.give_up_after(work.run), reasons.FAILED_BEFORE)
        await self._writer.flush()  # what it changed in other cells is there when it ends
        self._end(work, status, failure)

    async def _run(self, work: Work, wire: Wire) -> None:
        with work.editing() as doc:
            work.run.start(self._around.clock.wall())
            records.write_kernel(doc, self.id, "busy", self.queue.generation)
            records.write_run(doc, work.run, 0)
            for place, run in enumerate(self.queue.waiting[:POSITIONS], start=1):
                if run.room == work.run.room:
                    records.write_position(doc, run.id, place)
            cell = _cell(doc, work.run)
            if cell is not None:
                cells.show_started(cell)
        if work.run.cell_id is not None and cell is None:
            work.cut(reasons.CELL_GONE)
            return
        self._tell("busy")
        self._around.cell_runs.begin(work)
        work.outputs.rewrite()
        work.write_now()
        for _ in range(RESEND):
            work.reply, work.progress = {}, Progress(self._around.clock.now(), cut=work.progress.cut)
            await self._send(work, wire)
            if work.progress.cut or work.reply.get("status") != "aborted":
                return

    async def _send(self, work: Work, wire: Wire) -> None:
        """Ask the kernel, and return when it has answered whole, or will not."""
        clock = self._around.clock
        self.inputs.wire = wire
        self._listener.expect(wire.execute(work.run.code, work.run.options, work.run.cell_id), work)
        while (step := next_step(work.progress, clock.now())) is not Step.END:
            if isinstance(step, Wait):
                await clock.wait(work.changed, step.until)
                work.changed.clear()
                if clock.now() >= step.until and not await self._is_alive():
                    self._lost()
            else:
                work.progress.probed = True
                self._listener.expect_probe(wire.probe(), work)
        self.inputs.cancel(work)

    async def _connect(self, work: Work) -> Wire:
        """Return the wire, once the kernel answers; raises KernelUnavailable."""
        await self._close_spent()
        if self._wire is not None or work.progress.cut:
            return self._wire or Wire(self._process, self._around.context, self._hear)
        if self._is_gone() or self._down_since is not None:
            self._tell("dead", reasons.NO_KERNEL)
            raise KernelUnavailable(reasons.NO_KERNEL)
        wire = self._wire = Wire(self._process, self._around.context, self._hear)
        opening = asyncio.create_task(wire.open(), name=f"connecting to kernel {self.id}")
        opening.add_done_callback(lambda _: work.changed.set())
        until = self._around.clock.now() + self._around.settings.start_timeout
        while not opening.done() and not work.progress.cut and self._around.clock.now() < until:
            await self._around.clock.wait(work.changed, min(until, self._around.clock.now() + CHECK))
            work.changed.clear()
            if not opening.done() and not await self._is_alive():
                self._lost()
        if opening.done() and not work.progress.cut and opening.exception() is None:
            self._activity.take_over()
            return wire
        opening.cancel()
        await asyncio.wait([opening])
        if not work.progress.cut:
            self._hang_up()
            raise KernelUnavailable(reasons.NO_ANSWER)
        return wire

    def _hear(self, messages: list[Message]) -> None:
        self._listener.hear(messages)
        self._activity.hear(messages)
        for comm_id, outputs in self.comms.take_changed():
            if self._wire is not None:
                self._wire.update_widget(comm_id, {"outputs": outputs})

    # --- how runs end -----------------------------------------------------------------------------------

    def _end(self, work: Work, status: RunStatus, failure: Failure | None) -> None:
        """Let the run that runs now have ended so."""
        self.queue.end()
        self._writer.write_last(work)
        self._finish(work, status, failure)
        if self._wire is not None:
            self._tell("idle")

    def _finish(self, work: Work, status: RunStatus, failure: Failure | None) -> None:
        run = work.run
        del self._works[run.id]
        was_last = self._around.cell_runs.end(work)
        run.end(status, self._around.clock.wall(), failure)
        with work.editing() as doc:
            records.write_run(doc, run)
            if run.cell_id is None:
                records.write_displays(doc, run.id, work.outputs.as_nbformat())
            elif was_last and (cell := _cell(doc, run)):
                cells.show_ended(cell, run.execution_count, work.timing)
            if self._wire is not None and self.queue.current is None:
                records.write_kernel(doc, self.id, "idle", self.queue.generation)
        self._writer.give_back(work.release())

    def _give_up(self, runs: list[Run], why: Failure) -> None:
        for run in runs:
            self._finish(self._works[run.id], RunStatus.ABORTED, why)

    async def _is_alive(self) -> bool:
        """Whether its process is there; while it is being started, it is not asked."""
        alive = not getattr(self._process, "has_kernel", True) or await ensure_async(self._process.is_alive())
        return bool(alive)

    def _lost(self) -> None:
        """Note that the process is not there, which nobody has said."""
        self.died() if getattr(self._process, "autorestart", True) else self.gave_up()

    def _go_down(self, why: Failure) -> None:
        """Begin a new generation, once for each time that the process goes."""
        if self._down_since is not None:
            self._wake.set()
            return
        self._down_since = self._around.clock.now()
        waiting = self.queue.restart()
        if self.queue.current is not None:
            self._works[self.queue.current.id].cut(why)
        self.comms.clear()
        self._hang_up()
        self._give_up(waiting, why)
        self._tell("restarting", why.evalue)
        self._wake.set()

    def _tell(self, state: str, reason: str = "") -> None:
        self._around.facts.tell(self.id, state, self.queue.generation, reason)

    def _is_gone(self) -> bool:
        return self.id not in self._around.kernel_manager

    def _hang_up(self) -> None:
        if self._wire is not None:
            self._activity.give_back()
            self._spent.append(self._wire)
            self._wire = None

    async def _close_spent(self) -> None:
        while self._spent:
            await self._spent.pop().close()


def _cell(doc: Any, run: Run) -> Any | None:
    return None if run.cell_id is None else cells.find(doc, run.cell_id)
