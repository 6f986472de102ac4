"""One run that was asked for. ``await`` it for its end, iterate over it for what it shows meanwhile.

It goes on whatever becomes of who asked: a wait that is given up, a program that ends. ``interrupt`` ends it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from ..errors import CellStale, RunFailed
from .streaming import news, text_of

if TYPE_CHECKING:
    from .notebook import Notebook

ENDED = ("ok", "error", "aborted")
STALE = "RunStale"


class Run:
    """A run of a cell, or of a piece of code."""

    def __init__(self, notebook: Notebook, run_id: str, cell_id: str | None) -> None:
        self.id = run_id
        self.cell_id = cell_id
        self._notebook = notebook
        self._last: dict[str, Any] = {"status": "requested"}
        self._shown: list[dict[str, Any]] = []

    def __repr__(self) -> str:
        return f"<Run {self.id!r}: {self.status}>"

    def __await__(self) -> Generator[Any, None, Self]:
        return self.wait().__await__()

    async def __aiter__(self) -> AsyncIterator[dict[str, Any]]:
        """Yield outputs as they come, as nbformat writes them; of a stream, what is new in it."""
        shown: list[dict[str, Any]] = []
        while True:
            await self._notebook.until(partial(self._has_more_than, shown))
            ended, now = self.ended, self.outputs
            for one in news(shown, now):
                yield one
            shown = now
            if ended and self.outputs == shown:
                self._refuse_if_stale()
                return

    @property
    def record(self) -> dict[str, Any]:
        """Its record in the table ``executions``, as it is now or was last."""
        found = self._notebook.tables["executions"].get(self.id)
        if found is not None:
            self._last = found.as_dict()
        return self._last

    @property
    def status(self) -> str:
        """``requested``, ``queued``, ``running``, and in the end ``ok``, ``error`` or ``aborted``."""
        found = self._notebook.tables["executions"].get(self.id)
        return str(self._last["status"] if found is None else found["status"])

    @property
    def ended(self) -> bool:
        """Whether nothing more happens."""
        return self.status in ENDED

    @property
    def ok(self) -> bool:
        """Whether it ended well."""
        return self.status == "ok"

    @property
    def outputs(self) -> list[dict[str, Any]]:
        """What it has shown so far; of a cell that is gone, what was seen last."""
        if self.cell_id is None:
            self._shown = list(self.record.get("displays") or [])
        elif (cell := self._notebook.tables["cells"].get(self.cell_id)) is not None:
            self._shown = list(cell["outputs"])
        return self._shown

    @property
    def text(self) -> str:
        """What it has shown so far, as a terminal would: what it printed, results, errors."""
        return text_of(self.outputs)

    @property
    def failure(self) -> dict[str, Any] | None:
        """Why it did not end well: ``ename``, ``evalue`` and ``traceback``."""
        return self.record.get("failure")

    async def wait(self, timeout: float | None = None) -> Self:
        """Return when it has ended, well or not.

        Raises:
            TimeoutError: it has not, for so many seconds. It goes on.
            CellStale: it was to run only if the cell said what was expected, and did not run.

        """
        await self._notebook.until(lambda: self.ended, timeout)
        self._last = self.record
        self._refuse_if_stale()
        return self

    def check(self) -> Self:
        """Return the run itself if it ended well.

        Raises:
            RunFailed: it did not.

        """
        if self.ended and not self.ok:
            failure = self.failure or {}
            name, value = str(failure.get("ename", "")), str(failure.get("evalue", ""))
            words = f"The run ended with {name}: {value}" if name else "The run was given up before its end."
            raise RunFailed(words, name, value, tuple(failure.get("traceback") or ()))
        return self

    async def interrupt(self) -> None:
        """Interrupt what its kernel runs now."""
        kernel_id = self.record.get("kernel_id")
        if kernel_id and not self.ended:
            await self._notebook.act(kernel_id, "interrupt")

    def _has_more_than(self, shown: list[dict[str, Any]]) -> bool:
        return self.ended or self.outputs != shown

    def _refuse_if_stale(self) -> None:
        failure = self.failure or {}
        if failure.get("ename") == STALE and self.cell_id in self._notebook.cells:
            cell = self._notebook.cells[str(self.cell_id)]
            raise CellStale(str(failure.get("evalue", "")), cell.id, cell.source, cell.revision)
