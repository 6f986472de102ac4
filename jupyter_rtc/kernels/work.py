"""One run at work: the run, the document that it belongs to, its outputs on their way there, and how it goes.

The document is held from the moment somebody asked until the run has ended, so that its room is not freed. What
arrives later, from a thread or a task that the cell left behind, opens it anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from pycrdt import Doc, Map

from ..datastore.outputs import CellOutputs, Change
from ..datastore.shared_outputs import write_changes
from ..datastore.values import kept, sound
from ..documents import Document, Documents
from . import cells, records
from .ending import Progress
from .message import Message
from .next_input import NextInput, next_input_in, payload, put
from .reasons import FAILED_BEFORE, INCOMPLETE, INTERRUPTED, INTERRUPTED_UNSEEN, NO_REPLY
from .run import Failure, Run, RunStatus

KERNEL = "kernel"
"""The origin of what a kernel brings."""

OUTPUT_TYPES = frozenset({"stream", "display_data", "execute_result", "error", "clear_output", "update_display_data"})


class Work:
    """One run at work."""

    def __init__(self, run: Run, document: Document, outputs: CellOutputs, now: float) -> None:
        """Bind a run to its document, which is given back at the end."""
        self.run = run
        self.outputs = outputs
        self.progress = Progress(now)
        self.changed = asyncio.Event()
        """Set whenever ``progress`` changes."""
        self.reply: dict[str, Any] = {}
        """The content of the kernel's reply, once it is there."""
        self.cut_failure: Failure | None = None
        self.interrupted = False
        """Whether somebody interrupted it: if the kernel had not begun it, it is not asked again."""
        self.superseded = False
        """Whether the cell was run again meanwhile: what still comes is not shown any more."""
        self.is_let_go = False
        """Whether no outputs are kept any more, nor taken."""
        self.incomplete = False
        """Whether something that the kernel said of it could not be taken."""
        self.awaited: dict[str, float] = {}
        """The models of widgets that outputs show and that are not known yet, and until when they are waited for."""
        self.timing: dict[str, str] | None = {} if run.options.record_timing else None
        """When what was said, by the kernel's clock, as JupyterLab records it; None: nobody wants to know."""
        self._document: Document | None = document
        self._next_input: NextInput | None = None
        """What its code wants to be in a cell."""
        self._torn = False
        """Whether a write did not come to its end."""
        self._has_news = False
        """Whether something was heard that was not written."""

    # --- outputs ----------------------------------------------------------------------------------------

    @property
    def size(self) -> int:
        """How much of it is in memory, in bytes: the outputs, and the code."""
        return self.outputs.size + len(self.run.code)

    def hear(self, message: Message) -> None:
        """Take an output of the kernel's."""
        if not self.is_let_go:
            self._has_news = True
            self.outputs.hear(message.type, message.content, message.metadata)

    def hear_started(self, message: Message) -> None:
        """Take the kernel's word that it begins."""
        self.run.execution_count = _count(message)
        self.note_time("iopub.execute_input", message)

    def hear_reply(self, message: Message) -> None:
        """Take the kernel's answer."""
        self.reply = {name: kept(message.content.get(name)) for name in ("status", "ename", "evalue", "traceback")}
        self.run.execution_count = _count(message) or self.run.execution_count
        if self.timing is not None and isinstance(started := message.metadata.get("started"), str):
            self.timing["shell.execute_reply.started"] = sound(started)
        self.note_time("shell.execute_reply", message)
        self.progress.replied = True
        self.changed.set()
        if self.reply["status"] == "ok" and not self.is_let_go:
            for data in _pages(message):  # as JupyterLab shows them: ``len?``
                self.hear_output("display_data", {"data": data, "metadata": {}})
            self._next_input = next_input_in(message)

    def note_time(self, name: str, message: Message) -> None:
        """Note when the kernel said this, if somebody wants to know."""
        if self.timing is not None and (date := message.header.get("date")):
            said = date.isoformat() if isinstance(date, datetime) else str(date)
            self.timing[name] = sound(said.replace("+00:00", "Z"))  # as in the message, and as JupyterLab has it

    def hear_output(self, kind: str, content: dict[str, Any]) -> None:
        """Take an output of our own."""
        self._has_news = True
        self.outputs.hear(kind, content, {})

    def let_go(self) -> None:
        """Keep no outputs any more, as soon as what was heard is in the document."""
        self.is_let_go = True
        if self.superseded:
            self.outputs.replaced()
        if not self._has_news:
            self.outputs = CellOutputs()

    def is_waiting(self, now: float) -> bool:
        """Whether it should not be written yet."""
        return any(until > now for until in self.awaited.values())

    def shows(self, message: Message) -> bool:
        """Whether it shows the display that this message changes."""
        return self.shows_display((message.content.get("transient") or {}).get("display_id"))

    def shows_display(self, display_id: str | None) -> bool:
        """Whether it shows this display."""
        return display_id is not None and self.outputs.holds(display_id)

    def say(self, failure: Failure) -> None:
        """Show an error that is not the kernel's own."""
        lines = list(failure.traceback) or [f"{failure.ename}: {failure.evalue}"]
        self.hear_output("error", {"ename": failure.ename, "evalue": failure.evalue, "traceback": lines})

    # --- its end ----------------------------------------------------------------------------------------

    def cut(self, failure: Failure) -> None:
        """Let it end without its kernel; the first reason counts."""
        if not self.progress.cut:
            self.progress.cut, self.cut_failure = True, failure
            self.changed.set()

    def outcome(self) -> tuple[RunStatus, Failure | None]:
        """Return how the run ends, and why; what is not the kernel's own error is shown in words."""
        if self.progress.cut:
            assert self.cut_failure is not None
            if self.run.status is RunStatus.RUNNING:
                self.say(self.cut_failure)
            return RunStatus.ABORTED, self.cut_failure
        status = self.reply.get("status")
        if status == "ok":
            return RunStatus.OK, None
        if status == "aborted":
            return RunStatus.ABORTED, INTERRUPTED if self.interrupted else FAILED_BEFORE
        if not self.reply:
            failure = INTERRUPTED_UNSEEN if self.interrupted else NO_REPLY
            self.say(failure)
            return RunStatus.ERROR, failure
        traceback = self.reply.get("traceback")
        lines = tuple(map(str, traceback)) if isinstance(traceback, list) else ()
        return RunStatus.ERROR, Failure(str(self.reply.get("ename") or ""), str(self.reply.get("evalue") or ""), lines)

    def put_next_input(self, doc: Doc[Any]) -> None:
        """Put into the notebook what its code wants to be in a cell, if it has ended well; once."""
        if self._next_input is not None and self.run.status is RunStatus.OK:
            put(doc, self.run, self._next_input)
        self._next_input = None

    def release(self) -> Document:
        """Hand the document over to who gives it back; what the kernel answered is needed no more."""
        document, self._document, self.reply = self._held, None, {}
        return document

    # --- the document -----------------------------------------------------------------------------------

    @contextmanager
    def editing(self) -> Iterator[Doc[Any]]:
        """Make one change of the document."""
        with self._held.edit(KERNEL):
            yield self._held.ydoc

    def move_to(self, document: Document) -> Document:
        """Go on in another document; what is written next is all of it. Return the one before, to be given back."""
        before, self._document = self._held, document
        self.outputs.rewrite()
        return before

    def write_again(self, document: Document) -> None:
        """Bring all outputs into a document that may lack some; what is kept no more stays as it is there."""
        if not self.is_let_go and (self.run.started_at is not None or len(self.outputs)):
            self.outputs.rewrite()
            self._write_to(document)

    async def write(self, documents: Documents) -> None:
        """Bring the outputs into the document, opening it where it was given back."""
        if self._document is not None:
            self.write_now()
            return
        document = await documents.open(self.run.room)
        try:
            self._write_to(document)
        finally:
            await document.close()

    def write_now(self) -> None:
        """Bring the outputs into the document, which is still held."""
        self._write_to(self._held)

    def confess(self) -> None:
        """Let the cell itself, or the record, say that not all of its outputs are there."""
        with self.editing() as doc:
            place = None if self.superseded else self._place(doc)
            if place is not None:
                cells.append_error(place, INCOMPLETE.ename, INCOMPLETE.evalue, self._field)

    def _write_to(self, document: Document) -> None:
        if not self.superseded:
            if self._torn:
                self.outputs.rewrite()
            self._torn = True
            changes = self.outputs.take()
            if changes:
                self._write_changes(document, changes)
            self._torn = False
        self._has_news = False
        if self.is_let_go:
            self.let_go()

    def _write_changes(self, document: Document, changes: list[Change]) -> None:
        place = self._place(document.ydoc)
        if place is None:
            self.outputs.rewrite()  # the cell may come back: somebody moves it, or undoes
            return
        for step in write_changes(place, changes, self.outputs, self._field):
            with document.edit(KERNEL):
                step()

    def _place(self, doc: Doc[Any]) -> Map[Any] | None:
        """Return what shows the outputs, the cell or the record, if it is there; a cell that is no code shows none."""
        if self.run.cell_id is not None:
            return cells.find_code(doc, self.run.cell_id)
        record = records.executions(doc).get(self.run.id)
        return record if isinstance(record, Map) else None

    @property
    def _field(self) -> str:
        return "outputs" if self.run.cell_id is not None else records.DISPLAYS

    @property
    def _held(self) -> Document:
        if self._document is None:
            raise RuntimeError("The run has given its document back.")
        return self._document


def _pages(message: Message) -> list[dict[str, Any]]:
    """Return what the kernel's answer wants to be shown in a pager, as MIME bundles."""
    return [one["data"] for one in payload(message, "page") if isinstance(one.get("data"), dict)]


def _count(message: Message) -> int | None:
    """Return the number that the kernel gives the run."""
    count = kept(message.content.get("execution_count"))
    return count if isinstance(count, int) else None
