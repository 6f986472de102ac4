"""What a kernel says, and which run it belongs to: messages are told apart by the request that caused them.

It changes facts of runs and wakes who waits for them; it decides nothing. A message that cannot be taken is left out,
and said in the log: what comes behind it is heard all the same.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable

from ..datastore.values import sound
from .comms import Comms
from .message import Message
from .work import OUTPUT_TYPES, Work

_log = logging.getLogger(__name__)

COMM_TYPES = frozenset({"comm_open", "comm_msg", "comm_close"})
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
PATIENCE = 1.0
"""Seconds that an output waits for the model of the widget that it shows."""
LATE = 200
"""Of how many runs outputs that come after their end are still told apart: of those that were heard of last."""


class Listener:
    """Hears one kernel."""

    def __init__(
        self,
        now: Callable[[], float],
        output: Callable[[Work], None],
        asked: Callable[[Work, Message], None],
        restarting: Callable[[], None],
        comms: Comms | None = None,
        generation: Callable[[], int] = lambda: 0,
    ) -> None:
        """Call ``output`` for a run that has new outputs, ``asked`` for one that asks for input, and ``restarting``.

        ``generation`` tells how often the kernel has gone.
        """
        self.state = "unknown"
        """What the kernel said of itself last: ``starting``, ``idle``, ``busy`` …"""
        self._now = now
        self._output = output
        self._asked = asked
        self._restarting = restarting
        self._comms = comms or Comms()
        self._generation = generation
        self._works: OrderedDict[str, Work] = OrderedDict()
        self._probes: OrderedDict[str, Work] = OrderedDict()

    def expect(self, message_id: str, work: Work) -> None:
        """Note that this request is this run's."""
        self._remember(self._works, message_id, work)

    def expect_probe(self, message_id: str, work: Work) -> None:
        """Note that the answer to this question tells that everything of this run has been heard."""
        self._remember(self._probes, message_id, work)

    def hear(self, messages: list[Message]) -> None:
        """Take what the kernel says."""
        for message in messages:
            work = self._works.get(message.parent_id)
            try:
                self._hear(message, work)
            except Exception:  # noqa: BLE001  kernels say what they like, and disks are full: the next one counts
                self._complain(message, work)

    def _hear(self, message: Message, work: Work | None) -> None:
        if message.channel == "iopub":
            self._hear_iopub(message, work)
        elif work is not None and message.type == "execute_reply":
            work.hear_reply(message)
        elif work is not None and message.type == "input_request":
            self._asked(work, message)
        elif message.channel == "shell" and (probed := self._probes.get(message.parent_id)) is not None:
            probed.progress.probe_replied = True
            probed.changed.set()

    def _complain(self, message: Message, work: Work | None) -> None:
        """Say once for each run that something of it is left out."""
        if work is None or not work.incomplete:
            _log.exception("A message of type %s from a kernel could not be taken and is left out", message.type[:50])
        if work is not None:
            work.incomplete = True

    def _hear_iopub(self, message: Message, work: Work | None) -> None:
        if work is not None:
            work.progress.heard_at, work.progress.in_doubt = self._now(), False
        if message.type == "status":
            self._hear_status(message, work)
        elif message.type in COMM_TYPES:
            self._hear_comm(message)
        elif message.type == "update_display_data":
            self._update_display(message, work)
        elif message.type in OUTPUT_TYPES and self._comms.take_output(message):
            return
        elif work is not None:
            self._hear_of(work, message)

    def _hear_of(self, work: Work, message: Message) -> None:
        if work.is_let_go:
            self._miss(work)
        elif message.type in OUTPUT_TYPES:
            if work.run.status.ended:
                self._works.move_to_end(message.parent_id)
            work.hear(message)
            self._await_model(work, message)
            self._output(work)
        elif message.type == "execute_input":
            work.hear_started(message)

    def _miss(self, work: Work) -> None:
        """Say once for a run that what comes of it now comes too late, unless its cell shows another."""
        if not work.superseded and not work.incomplete:
            work.incomplete = True
            _log.warning("An output in %s came so long after its cell had ended that it is left out", work.run.room)

    def _hear_comm(self, message: Message) -> None:
        self._comms.hear(message)
        if message.type == "comm_open":
            for work in self._works.values():
                work.awaited.pop(str(message.content.get("comm_id")), None)

    def _await_model(self, work: Work, message: Message) -> None:
        """Let outputs wait a moment that show a widget of which nothing is known: its model may be on its way."""
        shown = (message.content.get("data") or {}).get(WIDGET_VIEW)
        model = shown.get("model_id") if isinstance(shown, dict) else None
        if isinstance(model, str) and model not in self._comms:
            work.awaited.setdefault(model, self._now() + PATIENCE)

    def _hear_status(self, message: Message, work: Work | None) -> None:
        self.state = sound(str(message.content.get("execution_state", self.state)))
        if work is not None:
            work.note_time(f"iopub.status.{self.state}", message)
        probed = self._probes.get(message.parent_id)
        if self.state == "idle":
            self._comms.heard(message.parent_id)
        if self.state == "restarting":
            self._restarting()
        elif self.state == "idle" and work is not None:
            work.progress.idle = True
            work.changed.set()
        elif self.state == "idle" and probed is not None:
            probed.progress.probe_idle = True
            probed.changed.set()

    def _update_display(self, message: Message, by: Work | None) -> None:
        """Update a display wherever this kernel shows it, whichever run asks; one that came before is another."""
        generation = self._generation() if by is None else by.run.generation
        for work in dict.fromkeys(self._works.values()):
            if work.run.generation == generation and work.shows(message):
                work.hear(message)
                if work.run.status.ended:
                    work.outputs.finish()
                self._output(work)

    def _remember(self, those: OrderedDict[str, Work], message_id: str, work: Work) -> None:
        those[message_id] = work
        while len(those) > LATE or next(iter(those.values())).is_let_go:
            those.popitem(last=False)
