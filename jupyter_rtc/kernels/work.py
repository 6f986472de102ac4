"""One run at work: the run, the document that it belongs to, its outputs on their way there, and how it goes.

The document is held from the moment somebody asked until the run has ended, so that its room is not freed. What
arrives later, from a thread or a task that the cell left behind, opens it anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pycrdt import Doc

from ..datastore.outputs import CellOutputs
from ..datastore.shared_outputs import write_changes
from ..documents import Document, Documents
from . import cells
from .ending import Progress
from .message import Message
from .reasons import FAILED_BEFORE
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
        self.superseded = False
        """Whether the cell was run again meanwhile: what still comes is not shown any more."""
        self.timing: dict[str, str] | None = {} if run.options.record_timing else None
        self._document: Document | None = document

    def of_same_cell(self, other: Work) -> bool:
        """Whether both show their outputs in the same cell."""
        return self.run.cell_id is not None and (self.run.room, self.run.cell_id) == (
            other.run.room,
            other.run.cell_id,
        )

    # --- outputs ----------------------------------------------------------------------------------------

    def hear(self, message: Message) -> None:
        """Take an output of the kernel's."""
        self.outputs.hear(message.type, message.content, message.metadata)

    def hear_output(self, kind: str, content: dict[str, Any]) -> None:
        """Take an output of our own."""
        self.outputs.hear(kind, content, {})

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
            return RunStatus.ABORTED, FAILED_BEFORE
        traceback = tuple(self.reply.get("traceback") or ())
        return RunStatus.ERROR, Failure(self.reply.get("ename", ""), self.reply.get("evalue", ""), traceback)

    def release(self) -> Document:
        """Hand the document over to who gives it back."""
        document, self._document = self._held, None
        return document

    # --- the document -----------------------------------------------------------------------------------

    @contextmanager
    def editing(self) -> Iterator[Doc[Any]]:
        """Make one change of the document."""
        with self._held.edit(KERNEL):
            yield self._held.ydoc

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

    def _write_to(self, document: Document) -> None:
        if self.superseded or self.run.cell_id is None or not (changes := self.outputs.take()):
            return
        cell = cells.find(document.ydoc, self.run.cell_id)
        if cell is None:
            self.outputs.rewrite()  # the cell may come back: somebody moves it, or undoes
            return
        for step in write_changes(cell, changes, self.outputs):
            with document.edit(KERNEL):
                step()

    @property
    def _held(self) -> Document:
        if self._document is None:
            raise RuntimeError("The run has given its document back.")
        return self._document
