"""The way of outputs into their documents: gathered for a moment, so that a flood is a few changes and not thousands.

It also gives documents back that are not needed any more. One for each kernel, since outputs of one kernel keep their
order; it waits for no other. What cannot be written is said, and the next that comes is written all the same.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from ..documents import Document, Documents
from ..errors import DocumentError
from ..notices import Announce, Notice, NoticeKind
from ..supernode.clock import Clock
from .work import Work

_log = logging.getLogger(__name__)


class OutputWriter:
    """Writes the outputs of one kernel's runs."""

    def __init__(
        self,
        documents: Documents,
        clock: Clock,
        announce: Announce,
        gather: float,
        gather_max: float,
        wrote_late: Callable[[Work], None] = lambda _: None,
    ) -> None:
        """Write at most every ``gather`` seconds, or every ``gather_max`` while outputs keep coming.

        Call ``wrote_late`` when outputs were written of a run that had ended.
        """
        self._documents = documents
        self._clock = clock
        self._announce = announce
        self._gather = gather
        self._gather_max = gather_max
        self._wrote_late = wrote_late
        self._due = asyncio.Event()
        self._never = asyncio.Event()
        self._unwritten: dict[Work, None] = {}
        self._returned: list[Document] = []

    def write_soon(self, work: Work) -> None:
        """Bring this run's outputs into its document within the next moment."""
        self._unwritten[work] = None
        self._due.set()

    def write_last(self, work: Work) -> None:
        """Bring the outputs of a run that has ended into its document, which it still holds."""
        self._unwritten.pop(work, None)
        try:
            work.outputs.finish()
            work.write_now()
        except Exception:  # noqa: BLE001  whatever fails here, the run has ended
            self._complain(work)
        if work.incomplete:
            work.confess()

    def give_back(self, document: Document) -> None:
        """Give a document back."""
        self._returned.append(document)
        self._due.set()

    async def run(self) -> None:
        """Write until cancelled."""
        wrote_at = self._clock.now() - 1.0
        while True:
            await self._clock.wait(self._due, None)
            lasting = self._clock.now() - wrote_at < 4 * self._gather_max
            pause = self._gather_max if lasting else self._gather
            await self._clock.wait(self._never, self._clock.now() + pause)
            self._due.clear()
            await self._write_those([work for work in self._unwritten if not work.is_waiting(self._clock.now())])
            if self._unwritten:
                self._due.set()
            wrote_at = self._clock.now()

    async def flush(self) -> None:
        """Write and give back all that there is."""
        await self._write_those(list(self._unwritten))

    async def _write_those(self, works: list[Work]) -> None:
        for work in works:
            if work in self._unwritten:
                del self._unwritten[work]
                try:
                    await self._write(work)
                except asyncio.CancelledError:
                    self._unwritten[work] = None
                    raise
        while self._returned:
            document = self._returned.pop(0)
            try:
                await document.close()
            except Exception:  # noqa: BLE001  the others are given back all the same
                _log.exception("The document of %s could not be given back", document.room)

    async def _write(self, work: Work) -> None:
        try:
            await work.write(self._documents)
            if work.run.status.ended:
                self._wrote_late(work)
        except DocumentError as error:
            words = f"An output that came after its cell had ended could not be shown. {error.words}"
            self._announce(Notice(NoticeKind.OUTPUT_LOST, work.run.room, words, username=work.run.username))
        except Exception:  # noqa: BLE001  one document's fault is not the kernel's
            self._complain(work)

    def _complain(self, work: Work) -> None:
        """Say, once for each run, that something of it is not shown; the log has the error being handled."""
        if not work.incomplete:
            work.incomplete = True
            words = "Outputs of a cell could not be shown; the server's log says why."
            _log.exception("%s It belongs to %s.", words, work.run.room)
            self._announce(Notice(NoticeKind.OUTPUT_LOST, work.run.room, words, username=work.run.username))
