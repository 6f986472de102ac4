"""An open notebook: its cells, its runs, what running code asks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from pycrdt import Map

from ..tables import Change, Record
from ..tables.jupyter import NOTEBOOK
from ..tables.observer import Heard
from .cells import Cells
from .document import OpenDocument
from .question import Question
from .requests import ask
from .rescue import LostText, Rescue
from .run import Run
from .transport import SharedDocument, Transport


class Notebook(OpenDocument):
    """A notebook, while it is open here."""

    def __init__(self, transport: Transport, document: SharedDocument) -> None:
        super().__init__(transport, document, NOTEBOOK)
        self.rescue = Rescue(self.tables, time.monotonic)
        """Looks after what is written into cells that somebody moves or deletes at the same moment."""
        document.overhear(self.rescue)
        self.cells = Cells(self)
        """Its cells, in their order."""
        self._kernel_id: str | None = None

    def __repr__(self) -> str:
        return f"<Notebook {self.path!r}>"

    @property
    def path(self) -> str:
        """Where the file is now."""
        return str(self.tables["state"]["state"]["path"])

    @property
    def metadata(self) -> dict[str, Any]:
        """The notebook's metadata; ``tables["notebooks"]["notebook"].map("metadata")`` edits them."""
        found = self.tables["notebooks"].get("notebook")
        return {} if found is None else dict(found["metadata"])

    @property
    def inputs(self) -> list[Question]:
        """What running code asks now."""
        return [Question(self, one) for one in self.tables["inputs"].where(status="waiting").ids()]

    async def next_input(self, timeout: float | None = None) -> Question:
        """Return the first question that waits for an answer, when there is one."""
        await self.until(lambda: self.inputs, timeout)
        return self.inputs[0]

    @property
    def lost(self) -> list[LostText]:
        """What this program had written into cells that others have deleted since."""
        return self.rescue.lost

    @contextmanager
    def editing(self) -> Iterator[None]:
        """Make all changes within one change, for others and for ``undo``."""
        self.check()
        with self.tables.transaction():
            yield
            self._mark_dirty()

    def undo(self) -> bool:
        """Undo the last change that was made here; return whether there was one.

        Raises:
            TableError: the notebook was not opened with ``undo=True``.

        """
        return self.tables.undo()

    def redo(self) -> bool:
        """Redo what was undone last; return whether there was something."""
        return self.tables.redo()

    async def save(self) -> None:
        """Return when the file is written; raises NotSaved."""
        await self._document.save()

    async def start_kernel(self, name: str | None = None) -> str:
        """Return the id of the notebook's kernel; start one if it has none.

        ``name`` is the kind of kernel; if it is not given, what the notebook names, or the server's own choice.
        """
        found = await self._transport.kernel_of(self.path)
        if found is None:
            kernelspec = self.metadata.get("kernelspec") or {}
            found = await self._transport.start_session(self.path, name or kernelspec.get("name"))
        self._kernel_id = found
        return found

    async def run_all(self, timeout: float | None = None) -> list[Run]:
        """Run all code cells in their order, and return when they have ended; an error stops those behind it.

        Nobody else's run comes in between.

        Raises:
            TimeoutError: they have not, for so many seconds. They go on.

        """
        runs = await self.start_all()
        async with asyncio.timeout(timeout):
            for run in runs:
                await run.wait()
        return runs

    async def start_all(self) -> list[Run]:
        """Ask for a run of all code cells in their order, and return as soon as that is done."""
        return await self._ask_runs([{"cell_id": cell.id} for cell in self.cells if cell.type == "code"])

    async def execute(self, code: str, **options: bool) -> Run:
        """Run code that is of no cell; what it shows is in ``outputs`` of the run."""
        return await self.ask_run({"code": code}, None, options)

    async def ask_run(self, wanted: Mapping[str, Any], expect: str | None, options: Mapping[str, bool]) -> Run:
        """Ask for a run, on the notebook's kernel."""
        record = dict(wanted)
        if expect is not None:
            record["source_hash"] = expect
        if options:
            record["options"] = dict(options)
        return (await self._ask_runs([record]))[0]

    async def request(self, name: str, /, timeout: float | None = None, **args: Any) -> Any:
        """Ask the notebook's kernel about code: ``complete``, ``inspect``, ``is_complete``, ``history``, ``comm_info``.

        ``docs/requests.md`` has the arguments, and Jupyter's message specification the fields of what is returned.

        Raises:
            RequestFailed: there is no kernel, or it is busy; in the server's words.

        """
        return await ask(self, name, timeout, args)

    async def complete(self, code: str, cursor_pos: int | None = None) -> list[str]:
        """Return what may stand at a place in some code, or at its end."""
        args = {} if cursor_pos is None else {"cursor_pos": cursor_pos}
        return list((await self.request("complete", code=code, **args))["matches"])

    async def interrupt(self) -> None:
        """Interrupt what the notebook's kernel runs."""
        await self.act(await self.start_kernel(), "interrupt")

    async def restart(self) -> None:
        """Restart the notebook's kernel: what runs and what waits ends."""
        await self.act(await self.start_kernel(), "restart")

    async def act(self, kernel_id: str, action: str) -> None:
        """Do something to a kernel."""
        await self._transport.act(kernel_id, action)

    async def answer(self, kernel_id: str, question_id: str, text: str) -> None:
        """Answer a question; see ``Question.answer``."""
        await self._transport.answer(kernel_id, question_id, text)

    async def _ask_runs(self, wanted: Sequence[Mapping[str, Any]]) -> list[Run]:
        """Ask for runs by records in one change, which the server takes for one batch.

        They go the way of the text that was typed before: what runs is what stands here now.
        """
        self.check()
        kernel_id = await self._kernel()
        asked = {uuid4().hex: one for one in wanted}
        executions: Map[Any] = self._document.doc.get("executions", type=Map)
        with self._document.doc.transaction():
            for run_id, one in asked.items():
                executions[run_id] = Map({"status": "requested", **one, "kernel_id": kernel_id})
        return [Run(self, run_id, one.get("cell_id")) for run_id, one in asked.items()]

    async def _kernel(self) -> str:
        """Return the notebook's kernel, as far as that is known here; start one if it has none."""
        known = self._kernel_id and self.tables["kernels"].get(self._kernel_id)
        if self._kernel_id is None or (isinstance(known, Record) and known["execution_state"] == "dead"):
            return await self.start_kernel()
        return self._kernel_id

    def _keep_changes(self, note: Heard) -> None:
        def heard(changes: tuple[Change, ...]) -> None:
            note(changes)
            for change in changes:
                self.rescue.note(change)

        self.tables["cells"].observe(heard, "cell_type", "source", "metadata")

    def _is_saved(self) -> bool:
        return not self.tables["state"]["state"]["dirty"]

    def _mark_dirty(self) -> None:
        """Say that the file is behind, as frontends do with each change."""
        state: Map[Any] = self._document.doc.get("state", type=Map)
        if not state.get("dirty"):
            state["dirty"] = True
