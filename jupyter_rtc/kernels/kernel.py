"""One kernel, as the documents use it: it takes runs in order, one at a time, and brings back what comes of them.

* Whatever happens to the kernel, every run ends, with a reason where it did not end well; so it does if something
  here fails that nobody foresaw, and the next one runs.
* Nothing of an old generation ever runs: a restart gives up all that was asked for before it.

What happens to the kernel only sets facts and wakes; the one task decides by looking. It starts, interrupts and
stops no kernel.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter

from ..errors import KernelUnavailable
from ..ids import RoomId
from . import reasons, records, standing
from .activity import Activity
from .answering import still_answers, until_answered
from .comms import Comms
from .contained import contained
from .ending import Progress, Step, Wait, next_step
from .inputs import Inputs
from .listener import Listener
from .message import Message
from .places import Places
from .process import Process
from .queue import RunQueue
from .run import Failure, Run, RunStatus
from .surroundings import Surroundings
from .wire import Wire
from .work import Work
from .writer import OutputWriter

_log = logging.getLogger(__name__)

RESEND = 3
"""How often a run is sent again that the kernel gave up because of somebody else's error."""
DOWN_CHECK = 0.3
"""Seconds between two looks whether a kernel that went comes back."""
PRUNE_EVERY = 25
"""After how many runs in one notebook have ended old records are looked for, when the next is asked for, at least."""
MEBIBYTE = 2**20
PRUNE_SHARE = 10
"""Nor before a tenth as many runs as there are records: each of them is looked at."""


class Kernel:
    """One kernel."""

    def __init__(self, kernel_id: str, around: Surroundings) -> None:
        """Get ready; nothing is connected. Raises KeyError: there is no such kernel."""
        self.id = kernel_id
        self.queue = RunQueue()
        self._around = around
        settings, clock, late = around.settings, around.clock, around.remembered.heard_late
        self._process = Process(around.kernel_manager, kernel_id, clock, settings.start_timeout)
        self._writer = OutputWriter(
            around.documents, clock, around.announce, settings.gather, settings.gather_max, late
        )
        write = self._writer.write_soon
        self.inputs = Inputs(clock.wall, write, settings.base_url)
        self.comms = Comms()
        self._activity = Activity(around.kernel_manager, kernel_id)
        self._listener = Listener(
            clock.now, write, self.inputs.ask, self.died, self.comms, lambda: self.queue.generation
        )
        self._works: dict[str, Work] = {}
        self._places = Places(self.queue, self._works, around.clock)
        self._unpruned: Counter[RoomId] = Counter()
        """How many runs have ended since old records were deleted, in each notebook; large displays count more."""
        self._why_it_went = reasons.SHUT_DOWN
        self._wire: Wire | None = None
        self._spent: list[Wire] = []
        self._wake = asyncio.Event()
        self._is_over = False

    @property
    def state(self) -> str:
        """What the kernel said of itself last."""
        return self._listener.state

    @property
    def takes_runs(self) -> bool:
        """Whether what is submitted now is ever looked at."""
        return not self._is_over and not self._process.is_gone

    # --- what is asked of it, and what happens to it ----------------------------------------------------

    def submit(self, works: list[Work], asked_at: float | None = None) -> None:
        """Take the runs of one batch; their records and cells show that they wait.

        ``asked_at`` is when they were asked for, by our clock; if it has gone since then, they are given up.
        """
        self.notice_leaving()
        before = len(self.queue) + (self.queue.current is not None)
        self._works.update({work.run.id: work for work in works})
        runs = [work.run for work in works]
        self.queue.add(runs)
        for work in works:
            self._around.cell_runs.add(work)
        with contained("That runs wait could not be shown in %s", works[0].run.room):
            self._show_waiting(works, before)
        if asked_at is not None and asked_at < self._process.went_at:
            self._give_up(self.queue.give_up(lambda run: run in runs), self._why_it_went)
        elif self.queue.is_over(works[0].run.batch):
            self._give_up(self.queue.give_up(lambda run: run.batch == works[0].run.batch), reasons.FAILED_BEFORE)
        self._wake.set()

    def _show_waiting(self, works: list[Work], before: int) -> None:
        room = works[0].run.room
        with works[0].editing() as doc:
            if self._unpruned[room] >= max(PRUNE_EVERY, len(records.executions(doc)) // PRUNE_SHARE):
                del self._unpruned[room]
                records.prune(doc)
            for place, work in enumerate(works):
                standing.show_waiting(doc, work.run, before + place)

    def cancel(self, run: Run) -> bool:
        """Give up a run that waits; return whether it did."""
        given_up = self.queue.give_up(lambda other: other is run)
        self._give_up(given_up, reasons.CANCELLED)
        return bool(given_up)

    def interrupted(self) -> None:
        """Note that somebody interrupted it: the rest of what runs now is given up."""
        if (run := self.queue.current) is not None:
            self._give_up(self.queue.give_up_after(run), reasons.INTERRUPTED)
            work = self._works[run.id]
            work.interrupted = True
            if run.status is RunStatus.QUEUED:  # it is still connected to the kernel, which has not been given it
                work.cut(reasons.NOT_GIVEN)
            self.inputs.cancel(work)

    def died(self) -> None:
        """Note that its process has ended by itself."""
        self._go_down(reasons.DIED)

    def gave_up(self) -> None:
        """Note that it died and is not started again."""
        self._end_for_good(reasons.DIED)

    async def not_restarted(self) -> None:
        """Note that somebody, or Jupyter, failed to start it again or to shut it down; it may still be there."""
        if not await self._process.is_alive() or self._process.is_hearsay:
            self._end_for_good(reasons.NOT_STARTED_AGAIN)
        self._wake.set()

    def shut_down(self) -> None:
        """Note that it was shut down, for good or in order to be started again."""
        self._go_down(reasons.SHUT_DOWN)

    def restarted(self) -> None:
        """Note that it is there again; what was asked for since it went is for the new one."""
        if self._process.is_known:
            return  # it was found to be back before this was said
        self._go_down(reasons.SHUT_DOWN)
        self._process.came_back()
        self._tell("starting")

    # --- its life ---------------------------------------------------------------------------------------

    async def serve(self) -> None:
        """Run what waits, until the kernel is removed or this is cancelled; then nothing is left running."""
        writing = asyncio.create_task(self._writer.run(), name=f"outputs of kernel {self.id}")
        showing = asyncio.create_task(self._places.run(), name=f"places in the queue of kernel {self.id}")
        unwatch = self._process.watch(self.died, self.gave_up)
        try:
            while not self._process.is_gone or self.queue.busy:
                if await self._process.is_back():
                    self._tell("starting")
                while (work := self._next()) is not None:
                    await self._execute(work)
                soon = self._around.clock.now() + DOWN_CHECK if self._process.is_down else None
                await self._around.clock.wait(self._wake, soon)
                self._wake.clear()
        finally:
            self._is_over = True
            unwatch()
            writing.cancel()
            showing.cancel()
            await asyncio.wait([writing, showing])
            await self._stop()
            if self._process.is_gone:
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
        self.notice_leaving()
        if self._process.is_coming_back and not self._process.is_gone:
            return None
        run = self.queue.begin()
        return None if run is None else self._works[run.id]

    async def _execute(self, work: Work) -> None:
        try:
            status, failure = await self._carry_out(work)
        except Exception:  # noqa: BLE001  whatever fails here, this run ends, and the next has its turn
            _log.exception("A run on kernel %s met a defect", self.id)
            status, failure = RunStatus.ERROR, reasons.DEFECT
            work.say(failure)
            self._hang_up()
        if status is RunStatus.ERROR and work.run.options.stop_on_error:
            self._give_up(self.queue.give_up_after(work.run), reasons.FAILED_BEFORE)
        await self._writer.flush()  # what it changed in other cells is there when it ends
        self._end(work, status, failure)

    async def _carry_out(self, work: Work) -> tuple[RunStatus, Failure | None]:
        """Run it; return how it ended, and why."""
        try:
            wire = await self._connect(work)
            self.notice_leaving()
            if wire is not None and not work.progress.cut:
                await self._run(work, wire)
        except KernelUnavailable as error:
            failure = Failure("KernelUnavailable", error.words)
            work.say(failure)
            self._hang_up()
            self._give_up(self.queue.restart(), failure)
            return RunStatus.ERROR, failure
        if work.reply.get("status") != "ok":
            self.notice_leaving()  # a restart interrupts what runs before it stops the kernel
        return work.outcome()

    async def _run(self, work: Work, wire: Wire) -> None:
        with work.editing() as doc:
            work.run.start(self._around.clock.wall())
            cell = standing.show_started(doc, work.run, self.queue.generation)
            if cell is not None:
                if (earlier := self._around.cell_runs.begin(work)) is not None:
                    self._around.remembered.let_go(earlier)
                work.outputs.rewrite()
                work.write_now()
        if work.run.cell_id is not None and cell is None:
            work.cut(reasons.CELL_GONE)
            return
        self._places.moved()
        self._tell("busy")
        for _ in range(RESEND):
            work.reply, work.progress = {}, Progress(self._around.clock.now(), cut=work.progress.cut)
            with self.inputs.asking(work, wire):
                await self._send(work, wire)
            if work.progress.cut or work.interrupted or work.reply.get("status") != "aborted":
                return

    async def _send(self, work: Work, wire: Wire) -> None:
        """Ask the kernel, and return when it has answered whole, or will not."""
        clock = self._around.clock
        self._tell_widgets(wire, at_once=True)
        self._listener.expect(wire.execute(work.run.code, work.run.options, work.run.cell_id), work)
        work.progress.in_doubt = wire.is_remote
        while (step := next_step(work.progress, clock.now())) is not Step.END:
            if wire.is_cut_off:
                raise KernelUnavailable(reasons.CUT_OFF)
            if isinstance(step, Wait):
                await clock.wait(work.changed, step.until)
                work.changed.clear()
                if clock.now() >= step.until:
                    await self._look()
            else:
                work.progress.probed = True
                self._listener.expect_probe(wire.probe(), work)

    async def _connect(self, work: Work) -> Wire | None:
        """Return the wire, once the kernel answers; None if the run was given up; raises KernelUnavailable."""
        if self._wire is not None and not await still_answers(self._wire, work, self._around.clock, self._look):
            self._hang_up()
        await self._close_spent()
        if self._wire is not None or work.progress.cut:
            return self._wire
        if self._process.is_gone or self._process.is_down:
            words = reasons.NOT_STARTED if self._process.could_not_start else reasons.NO_KERNEL
            self._tell("dead", words)
            raise KernelUnavailable(words)
        timeout = self._around.settings.start_timeout
        await self._process.until_started(work.changed, lambda: work.progress.cut, self._around.clock.now() + timeout)
        if work.progress.cut:
            return None
        wire = self._wire = Wire(self._process.manager, self._around.context, self._hear)
        opening = await until_answered(wire.open(), wire, work, self._around.clock, self._look, timeout)
        error = None if opening.cancelled() else opening.exception()
        if work.progress.cut or opening.cancelled() or error is not None:
            self._hang_up()
            if work.progress.cut:
                return None
            raise KernelUnavailable(reasons.NO_ANSWER) from error
        self._activity.take_over()
        return wire

    async def _look(self) -> None:
        """See whether the process is still there."""
        if not await self._process.is_alive():
            self._lost()

    def _hear(self, messages: list[Message]) -> None:
        self._listener.hear(messages)
        self._activity.hear(messages)
        if self._wire is not None:
            self._tell_widgets(self._wire)

    def _tell_widgets(self, wire: Wire, *, at_once: bool = False) -> None:
        for comm_id, outputs in self.comms.take_changed(at_once=at_once):
            self.comms.sent(comm_id, wire.update_widget(comm_id, {"outputs": outputs}))

    # --- how runs end -----------------------------------------------------------------------------------

    def _end(self, work: Work, status: RunStatus, failure: Failure | None) -> None:
        """Let the run that runs now have ended so."""
        self.queue.end()
        with contained("The last outputs of a run could not be shown in %s", work.run.room):
            self._writer.write_last(work)
        self._finish(work, status, failure)
        if self._wire is not None and not self.queue.busy:
            self._tell("idle")

    def _finish(self, work: Work, status: RunStatus, failure: Failure | None) -> None:
        del self._works[work.run.id]
        was_last = self._around.cell_runs.end(work)
        work.run.end(status, self._around.clock.wall(), failure)
        with contained("The end of a run could not be shown in %s", work.run.room):
            self._show_end(work, was_last)
        self._writer.give_back(work.release())
        self._around.remembered.end(work)

    def _show_end(self, work: Work, was_last: bool) -> None:
        run, shown = work.run, self._around.cell_runs.take_shown(work) if was_last else work
        self._unpruned[run.room] += 1 + (work.outputs.size // MEBIBYTE if run.cell_id is None else 0)
        with work.editing() as doc:
            standing.show_ended(doc, work, shown, was_last=was_last)
            if self._wire is not None and not self.queue.busy:
                records.write_kernel(doc, self.id, "idle", self.queue.generation)
            work.put_next_input(doc)

    def _give_up(self, runs: list[Run], why: Failure) -> None:
        for run in runs:
            self._finish(self._works[run.id], RunStatus.ABORTED, why)

    def notice_leaving(self) -> None:
        """See whether it is being shut down or started anew: what is asked from now on is for the one that comes."""
        is_changing = self._process.is_leaving or self._process.is_another
        if is_changing and not self._process.is_down and not self._process.is_gone:
            self._go_down(reasons.SHUT_DOWN)

    def _lost(self) -> None:
        """Note that the process is not there, which nobody has said."""
        if self._process.is_gone or self._process.is_leaving:
            self.shut_down()
        elif self._process.could_not_start:
            self._end_for_good(reasons.NOT_STARTED_AGAIN)
        elif getattr(self._process.manager, "autorestart", True):
            self.died()
        else:
            self.gave_up()

    def _end_for_good(self, why: Failure) -> None:
        """Note that nobody starts it again by itself."""
        self._go_down(why)
        self._process.give_up()
        self._tell("dead", why.evalue)

    def _go_down(self, why: Failure) -> None:
        """Begin a new generation, once for each time that the process goes."""
        self._wake.set()
        if not self._process.go_down():
            return
        self._why_it_went = why
        waiting = self.queue.restart()
        if self.queue.current is not None:
            work = self._works[self.queue.current.id]
            work.cut(reasons.in_doubt(why) if work.progress.in_doubt else why)
        self.comms.clear()
        self._hang_up()
        self._give_up(waiting, why)
        self._tell("restarting", why.evalue)

    def _tell(self, state: str, reason: str = "") -> None:
        self._around.facts.tell(self.id, state, self.queue.generation, reason)

    def _hang_up(self) -> None:
        if self._wire is not None:
            self._activity.give_back()
            self.comms.may_have_lost()
            self._wire.stop_asking()
            self._spent.append(self._wire)
            self._wire = None

    async def _close_spent(self) -> None:
        while self._spent:
            with contained("A connection to kernel %s could not be closed", self.id):
                await self._spent.pop().close()
