"""The keeper of one file's room: it makes the file agree with the document, and the document with the file.

One task, level-triggered: gather the facts, ask ``plan`` what to do, do it, look again. Edits, events, timers and
people who ask only wake it; nothing else reads or writes the file, so nothing has to be locked.

* Nothing is written before the document is loaded.
* Whatever fails is told in words, and tried again for as long as the room is open. The document and its
  history never suffer from it.
* Own changes of the ``state`` map are no edits. One follows the first change that anybody makes after each opening: by
  it the server knows, when its store was set back, who comes back with more than it has (``state.sign``).

What is decided when is in ``plan``; what then happens between file and document, in ``exchange``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from enum import Enum, auto
from typing import Any

from ..documents import CLIENT, Document, Origin, SaveResult, SaveStatus
from ..errors import DocumentError, DocumentUnreadable
from ..ids import FileAddress
from ..notices import NoticeKind
from .agreement import FROM_DISK
from .exchange import Exchange
from .failures import defects_contained
from .open_file import OpenFile
from .plan import Disk, Do, Facts, Standing, Wait, plan
from .state import FILE_STATE, have_looked_at, sign
from .surroundings import Surroundings
from .voice import Voice
from .wishes import autosave_is_wanted
from .words import words_for

SETTLE_DELAY = 0.5
"""Seconds after a large document was opened before what can wait is done, if nothing happens earlier."""

_CLOSED = SaveResult(SaveStatus.FAILED, "The document was closed before it could be saved.")
_NOT_YET = SaveResult(SaveStatus.FAILED, "The storage has not answered yet. Saving goes on; your text is kept.")
_HANGS = "The storage does not answer. What is unsaved is kept in the history, and joins the file on the next opening."


class FileKeeper:
    """What stands behind one file's room; implements ``documents.Keeper``."""

    _document: Document
    _exchange: Exchange

    def __init__(self, address: FileAddress, around: Surroundings) -> None:
        """Get ready to keep this file; nothing is started."""
        self._address = address
        self._around = around
        self._file = OpenFile(address, around)
        self._voice = Voice(address.room, around.announce)
        self._wake = asyncio.Event()
        self._asked: list[asyncio.Future[SaveResult]] = []
        self._failure: DocumentError | None = None
        self._failures = 0
        self._retry_at: float | None = None
        self._autosave_wanted = True
        self._closing = False
        self._signature = _Signature.NONE
        self._task: asyncio.Task[None] | None = None
        self._stop_watching: Callable[[], None] = _nothing
        self._stop_following: Callable[[], None] = _nothing

    @property
    def path(self) -> str:
        """Where the file is, as the contents manager names it; empty before it is loaded."""
        return self._file.path

    async def load(self, document: Document) -> None:
        """Make document and file agree, and begin to keep them so; where that fails, nothing is kept of the file."""
        started = self._around.clock.now()
        try:
            await self._file.locate_first()
            await self._begin(document)
        except BaseException:
            self._file.let_go()
            raise
        self._voice.announce(NoticeKind.LOADED, self.path, seconds=self._around.clock.now() - started)

    async def _begin(self, document: Document) -> None:
        self._document = document
        shape = self._around.shape(self._address)
        self._exchange = Exchange(document, shape, self._file, self._voice, self._around.clock)
        with defects_contained(self.path):
            await self._exchange.begin()
        self._stop_watching = document.watch(self._changed)
        self._stop_following = self._file.follow(self._hint)
        self._task = asyncio.create_task(self._run(), name=f"keeper of {self._address.room}")

    async def save(self) -> SaveResult:
        """Save because a person asked; the answer is success only if the file was read back as written."""
        if self._task is None or self._task.done():
            return _CLOSED
        answer: asyncio.Future[SaveResult] = asyncio.get_running_loop().create_future()
        self._asked.append(answer)
        self._wake.set()
        await asyncio.wait([answer], timeout=self._around.settings.save_patience)
        return answer.result() if answer.done() else _NOT_YET

    def holds(self) -> str | None:
        """Return why the room must not be freed now.

        Edits that are not to be written (on demand, or there is no file to write to) do not hold it: they are in
        the document's history.
        """
        if self._task is None:
            return None
        if self._asked:
            return "somebody waits for a save"
        waits = self._on_demand() or self._standing() in (Standing.MISSING, Standing.READ_ONLY)
        return "unsaved changes" if self._exchange.ahead and not waits else None

    async def close(self) -> None:
        """Save what can be saved, once, and let go."""
        self._closing = True
        self._retry_at = None
        self._hint()
        if self._task is not None:
            await self._end(self._task)
        self._stop_following()
        self._stop_watching()
        self._stop_following = self._stop_watching = _nothing
        self._file.let_go()

    async def _end(self, task: asyncio.Task[None]) -> None:
        """Wait for the last save, but not for ever: a server must be able to stop beside a storage that hangs."""
        await asyncio.wait([task], timeout=self._around.settings.close_patience)
        if not task.done():
            task.cancel()
            await asyncio.wait([task])
            self._voice.announce(NoticeKind.SAVE_FAILED, self.path, _HANGS)
            self._answer(_CLOSED)

    def status(self) -> dict[str, Any]:
        """Return what an administrator wants to see."""
        if self._task is None:
            return {"path": self.path, "standing": "loading"}
        return {
            "path": self.path,
            "standing": self._standing().value,
            "unsaved": self._exchange.ahead,
            "on_demand": self._on_demand(),
            "failures": self._failures,
            "problem": self._why(),
            "saved_at": self._exchange.saved_at,
        }

    # --- what wakes it ----------------------------------------------------------------------------------

    def _hint(self, seen: bool = True) -> None:
        self._file.hint(seen=seen)
        self._wake.set()

    def _changed(self, origin: Origin) -> None:
        if origin in (FILE_STATE, FROM_DISK):
            return
        if origin == CLIENT and self._signature is _Signature.NONE:
            self._signature = _Signature.DUE
            self._wake.set()
        if self._exchange.note_edit():
            self._wake.set()

    # --- the loop ---------------------------------------------------------------------------------------

    async def _run(self) -> None:
        await self._settle()
        going = True
        while going:
            if self._signature is _Signature.DUE:
                self._signature = _Signature.GIVEN
                sign(self._document)
            action = plan(self._facts(), self._around.settings.pace)
            if isinstance(action, Do):
                going = await self._try(action) or not self._closing
            elif self._closing:
                going = False
            else:
                await self._sleep(action)
        if self._standing() is not self._voice.told:
            self._tell()
        self._answer(_CLOSED)

    async def _settle(self) -> None:
        """Do what opening left for later; what takes its time, when those who opened it have been served."""
        if self._exchange.is_large:
            await self._around.clock.wait(self._wake, self._around.clock.now() + SETTLE_DELAY)
        # The log that fails says so itself; what is not recorded now, the next save records.
        with suppress(DocumentError), defects_contained(self.path):
            await self._exchange.settle()

    async def _sleep(self, action: Wait) -> None:
        await self._around.clock.wait(self._wake, action.until)
        self._wake.clear()

    async def _try(self, action: Do) -> bool:
        """Do it; return whether it went well."""
        try:
            with defects_contained(self.path):
                await self._do(action)
        except DocumentError as error:
            self._failed(error)
            return False
        return True

    async def _do(self, action: Do) -> None:
        match action:
            case Do.TELL:
                self._tell()
            case Do.LOOK:
                await self._look()
            case Do.MERGE:
                await self._exchange.merge()
                if not self._exchange.is_stuck:
                    self._recovered()
            case Do.SAVE:
                await self._save()
            case Do.COMPARE:
                await self._exchange.compare()
            case Do.REFUSE:
                words = words_for(self._standing(), self.path, self._why())
                self._answer(SaveResult(SaveStatus.FAILED, words))

    def _facts(self) -> Facts:
        return Facts(
            now=self._around.clock.now(),
            disk=self._file.disk,
            edits=self._exchange.edits,
            unsaved=self._exchange.unsaved,
            asked=bool(self._asked),
            on_demand=self._on_demand(),
            closing=self._closing,
            writable=self._file.writable,
            look_at=self._file.look_at,
            retry_at=self._retry_at,
            standing=self._standing(),
            told=self._voice.told,
        )

    async def _look(self) -> None:
        former = self._file.path
        if await self._file.locate():
            self._stop_following()
            self._stop_following = self._file.follow(self._hint)
            self._exchange.show_move(former)
        await self._exchange.look()
        if self._file.missing or (self._file.disk is Disk.AGREED and not self._exchange.unsaved):
            self._recovered()

    async def _save(self) -> None:
        waiting = len(self._asked)
        if await self._exchange.save():
            self._recovered()
            self._answer(SaveResult(SaveStatus.SUCCESS), waiting)

    # --- how it stands ----------------------------------------------------------------------------------

    def _tell(self) -> None:
        before, now = self._voice.told, self._standing()
        self._voice.tell(self._document, now, self.path, self._why())
        if {before, now} == {Standing.FINE, Standing.READ_ONLY}:
            have_looked_at(self._document)

    def _failed(self, error: DocumentError) -> None:
        self._failure, self._failures = error, self._failures + 1
        self._retry_at = self._around.clock.now() + self._around.settings.pace.retry_after(self._failures)
        self._file.hint()
        self._answer(SaveResult(SaveStatus.FAILED, error.words))

    def _recovered(self) -> None:
        self._failure, self._failures, self._retry_at = None, 0, None

    def _standing(self) -> Standing:
        if self._file.missing:
            return Standing.MISSING
        # A file is unreadable for a moment while somebody else writes it: nobody is told of the first time.
        if self._failures > isinstance(self._failure, DocumentUnreadable):
            return Standing.FAILING
        return Standing.FINE if self._file.writable else Standing.READ_ONLY

    def _why(self) -> str:
        return self._failure.words if self._failure else ""

    def _on_demand(self) -> bool:
        self._autosave_wanted = autosave_is_wanted(self._document.writers_states, self._autosave_wanted)
        return not (self._around.settings.autosave and self._autosave_wanted)

    def _answer(self, result: SaveResult, count: int | None = None) -> None:
        """Answer those who asked first, or all."""
        answered = self._asked[:count]
        del self._asked[: len(answered)]
        for answer in answered:
            answer.set_result(result)


class _Signature(Enum):
    NONE = auto()
    DUE = auto()
    GIVEN = auto()


def _nothing() -> None:
    """End nothing: it has not begun."""
