"""The keeper of one file's room: it makes the file agree with the document, and the document with the file.

One task, level-triggered: gather the facts, ask ``plan`` what to do, do it, look again. Edits, events, timers and
people who ask only wake it; nothing else reads or writes the file, so nothing has to be locked.

* Nothing is written before the document is loaded, nor where the file is not as the document last took it in.
* A write is announced in the log, made, and read back before anybody is told that it is saved.
* Whatever fails is told in words, and tried again for as long as the room is open. The document and its
  history never suffer from it.
* Own changes of the ``state`` map are no edits.

How a merge is made, what is decided when, and how files are read and written is elsewhere (``agreement``,
``plan``, ``contents``).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from ..datastore.content import Content, shape_of
from ..datastore.merge import Merged
from ..documents import Document, Origin, SaveResult, SaveStatus
from ..errors import DocumentError, DocumentMissing, DocumentUnavailable, DocumentUnreadable
from ..ids import FileAddress
from ..notices import Notice, NoticeKind
from .agreement import FROM_DISK, Agreement, Comparison, is_torn
from .contents import FileType, Reading, Sight, Spelling
from .plan import Disk, Do, Edits, Facts, Standing, Wait, plan
from .polling import Polling
from .state import FILE_STATE, show
from .surroundings import Surroundings
from .wishes import autosave_is_wanted
from .words import words_for

_LOG = logging.getLogger(__name__)


class FileKeeper:
    """What stands behind one file's room; implements ``documents.Keeper``."""

    def __init__(self, address: FileAddress, around: Surroundings) -> None:
        """Get ready to keep this file; nothing is started."""
        self._address = address
        self._around = around
        self._what = FileType.of(address.type, address.format)
        self._path = ""
        self._spelling = Spelling()
        self._wake = asyncio.Event()
        self._disk = Disk.UNSEEN
        self._hinted = False
        self._writable = True
        self._edits: Edits | None = None
        self._asked: list[asyncio.Future[SaveResult]] = []
        self._failures = 0
        self._failure: DocumentError | None = None
        self._retry_at: float | None = None
        self._told = Standing.FINE
        self._saved_at: float | None = None
        self._closing = False
        self._hashed = True
        self._emptied = False
        self._writing: Content | None = None
        self._wanted = True
        self._task: asyncio.Task[None] | None = None
        self._stop_watching: Callable[[], None] = _nothing
        self._stop_following: Callable[[], None] = _nothing
        settings = around.settings
        self._polling = Polling(settings.poll_interval, settings.poll_interval_max, watched=around.watched)

    # --- documents.Keeper -------------------------------------------------------------------------------

    async def load(self, document: Document) -> None:
        """Make document and file agree, and begin to keep them so."""
        started = self._around.clock.now()
        path = self._around.identity.path(self._address.file_id)
        if path is None:
            raise DocumentMissing("This file is not known here any more. Open it again by its name.")
        self._path, self._document = path, document
        self._agreement = Agreement(document, shape_of(self._address.type), self._around.clock.wall)
        await self._load()
        self._start()
        self._announce(NoticeKind.LOADED, seconds=self._around.clock.now() - started)

    async def save(self) -> SaveResult:
        """Save because a person asked; the answer is success only if the file was read back as written."""
        if self._task is None or self._task.done():
            return SaveResult(SaveStatus.FAILED, "The document is closed.")
        answer: asyncio.Future[SaveResult] = asyncio.get_running_loop().create_future()
        self._asked.append(answer)
        self._wake.set()
        await asyncio.wait([answer], timeout=self._around.settings.save_patience)
        if answer.done():
            return answer.result()
        return SaveResult(
            SaveStatus.FAILED, "The storage has not answered yet. Saving goes on; your text is kept."
        )

    def holds(self) -> str | None:
        """Return why the room must not be freed now.

        Edits that are not to be written (on demand, or there is no file to write to) do not hold it: they are in
        the document's history.
        """
        if self._task is None:
            return None
        if self._asked:
            return "somebody waits for a save"
        ahead = self._edits is not None or self._agreement.ahead
        waits = self._on_demand() or self._standing() in (Standing.MISSING, Standing.READ_ONLY)
        return "unsaved changes" if ahead and not waits else None

    async def close(self) -> None:
        """Save what can be saved, once, and let go."""
        self._closing = True
        self._hinted = True
        self._retry_at = None
        self._wake.set()
        if self._task is not None:
            await asyncio.wait([self._task])
        self._stop_following()
        self._stop_watching()
        self._around.identity.forget(self._address.file_id)

    def status(self) -> dict[str, Any]:
        """Return what an administrator wants to see."""
        if self._task is None:
            return {"path": self._path, "standing": "loading"}
        return {
            "path": self._path,
            "standing": self._standing().value,
            "unsaved": self._edits is not None or self._agreement.ahead,
            "on_demand": self._on_demand(),
            "failures": self._failures,
            "problem": self._failure.words if self._failure else None,
            "saved_at": self._saved_at,
        }

    @property
    def path(self) -> str:
        """Where the file is, as the contents manager names it; empty before it is loaded."""
        return self._path

    # --- what wakes it ----------------------------------------------------------------------------------

    def hint(self) -> None:
        """Look at the file again: it may have changed, moved, or gone."""
        self._hinted = True
        self._wake.set()

    def _changed(self, origin: Origin) -> None:
        if origin in (FILE_STATE, FROM_DISK):
            return
        now = self._around.clock.now()
        self._edits = Edits(self._edits.first if self._edits else now, now)
        if self._edits.first == now:
            self._wake.set()

    # --- the loop ---------------------------------------------------------------------------------------

    def _start(self) -> None:
        self._stop_watching = self._document.watch(self._changed)
        self._stop_following = self._around.follow(self._path, self.hint)
        self._task = asyncio.create_task(self._run(), name=f"file {self._address.file_id}")

    async def _run(self) -> None:
        while True:
            action = plan(self._facts(), self._around.settings.pace)
            if isinstance(action, Wait):
                if self._closing:
                    break
                await self._around.clock.wait(self._wake, action.until)
                self._wake.clear()
            elif not await self._try(action) and self._closing:
                break
        self._answer(SaveResult(SaveStatus.FAILED, "The document was closed before it could be saved."))

    async def _try(self, action: Do) -> bool:
        """Do it; return whether it went well."""
        try:
            await self._do(action)
        except DocumentError as error:
            self._failed(error)
        except Exception:  # noqa: BLE001
            # A defect of ours, or of a document type that a package registered. The loop must outlive it, or
            # people would go on typing into a document that nobody saves.
            _LOG.exception("Keeping a file in step with its document failed")
            self._failed(DocumentUnavailable(f"Saving {self._path} failed because of a defect in the server."))
        else:
            return True
        return False

    async def _do(self, action: Do) -> None:
        match action:
            case Do.TELL:
                self._tell()
            case Do.LOOK:
                await self._look()
            case Do.MERGE:
                await self._merge()
            case Do.SAVE:
                await self._save()
            case Do.COMPARE:
                self._compare()
            case Do.REFUSE:
                self._answer(SaveResult(SaveStatus.FAILED, self._words()))

    def _facts(self) -> Facts:
        return Facts(
            now=self._around.clock.now(),
            disk=Disk.UNSEEN if self._hinted else self._disk,
            edits=self._edits,
            unsaved=self._agreement.ahead,
            asked=bool(self._asked),
            on_demand=self._on_demand(),
            closing=self._closing,
            writable=self._writable,
            look_at=self._polling.due,
            retry_at=self._retry_at,
            standing=self._standing(),
            told=self._told,
        )

    # --- what it does -----------------------------------------------------------------------------------

    async def _load(self) -> None:
        try:
            found = await self._around.contents.read(self._path, self._what)
        except DocumentUnreadable:
            await self._outlive_torn_write(None)
            return
        if self._document.restored and await self._agreement.is_torn_write(found):
            await self._outlive_torn_write(found)
            return
        self._saw(found)
        if self._document.restored:
            self._announce_merge(await self._agreement.resume(found))
            self._agreement.compare()
            self._show(found.sight)
            return
        await self._agreement.fill(found)
        self._show(found.sight)
        await self._agreement.settle()

    async def _outlive_torn_write(self, found: Reading | None) -> None:
        """Go on with the document if the file is a torn write of ours; otherwise raise why it cannot be read."""
        if not self._document.restored or not await self._agreement.is_torn_write(found):
            await self._around.contents.read(self._path, self._what)
        sight = await self._around.contents.look(self._path, self._what)
        self._agreement.disown(sight.fingerprint)
        self._disk, self._writable = Disk.AGREED, sight.writable

    async def _look(self) -> None:
        self._hinted = False
        self._follow_move()
        try:
            sight = await self._around.contents.look(self._path, self._what)
        except DocumentMissing:
            await self._look_elsewhere()
            return
        if self._disk is Disk.MISSING and not self._is_ours():
            self._polled(changed=False)
            return
        self._writable = sight.writable
        changed = sight.fingerprint != self._agreement.disk.fingerprint
        self._polled(changed=changed)
        self._disk = Disk.CHANGED if changed else Disk.AGREED
        if not changed and not self._agreement.ahead:
            self._recovered()

    async def _look_elsewhere(self) -> None:
        if await self._around.find(self._address.file_id):
            self._hinted = True
            return
        self._disk = Disk.MISSING
        self._recovered()
        self._polled(changed=False)

    def _follow_move(self) -> None:
        path = self._around.identity.path(self._address.file_id) or self._path
        if path == self._path:
            return
        old, self._path = self._path, path
        self._stop_following()
        self._stop_following = self._around.follow(path, self.hint)
        show(self._document, path=path)
        self._announce(NoticeKind.MOVED, f"{old} is now {path}.")

    def _is_ours(self) -> bool:
        return self._around.identity.owns(self._address.file_id, self._path)

    async def _merge(self) -> None:
        try:
            found = await self._around.contents.read(self._path, self._what)
        except DocumentUnreadable:
            if self._writing is None:
                raise
            await self._overwrite_torn_write()
            return
        if self._is_torn(found):
            await self._overwrite_torn_write()
            return
        self._wait_if_emptied(found)
        self._announce_merge(await self._agreement.absorb(found))
        self._saw(found)
        self._show(found.sight)
        self._recovered()

    async def _overwrite_torn_write(self) -> None:
        sight = await self._around.contents.look(self._path, self._what)
        self._agreement.disown(sight.fingerprint)
        self._disk = Disk.AGREED

    def _is_torn(self, found: Reading) -> bool:
        return self._writing is not None and (found.sight.empty or is_torn(found.content, self._writing))

    def _wait_if_emptied(self, found: Reading) -> None:
        """Give who writes a file by emptying it first a moment to go on."""
        if found.sight.empty and not self._emptied:
            self._emptied = True
            raise DocumentUnreadable(f"{self._path} is empty at the moment.")
        self._emptied = False

    async def _save(self) -> None:
        await self._look_closely()
        if self._disk is not Disk.AGREED or not self._writable:
            return
        answered, self._edits = len(self._asked), None
        comparison = self._agreement.compare()
        if comparison.same:
            await self._agreement.confirm(comparison)
        else:
            await self._write(comparison)
        self._recovered()
        show(self._document, dirty=self._edits is not None)
        self._answer(SaveResult(SaveStatus.SUCCESS), answered)

    async def _look_closely(self) -> None:
        """Look right before writing; where no hash is reported, at the content, which time and size may hide."""
        await self._look()
        if self._disk is not Disk.AGREED or self._hashed:
            return
        found = await self._around.contents.read_back(self._path, self._what)
        taken = self._agreement.disk
        if taken.content and self._agreement.digest(found.content) != taken.content:
            self._disk = Disk.CHANGED

    async def _write(self, comparison: Comparison) -> None:
        started = self._around.clock.now()
        before = self._agreement.disk.content
        await self._agreement.begin_write(comparison)
        self._writing = comparison.content
        kept = await self._around.contents.write(self._path, self._what, comparison.content, self._spelling)
        found = await self._around.contents.read_back(self._path, self._what)
        await self._verify(comparison, kept, found, before)
        self._writing = None
        self._saved_at = self._around.clock.wall()
        self._polling.looked(self._around.clock.now(), changed=True)
        self._announce(NoticeKind.SAVED, seconds=self._around.clock.now() - started)

    async def _verify(self, comparison: Comparison, kept: Content, found: Reading, before: str) -> None:
        """Make sure that the file is as it was written."""
        digest = self._agreement.digest(found.content)
        if digest == self._agreement.digest(kept):
            await self._agreement.end_write(comparison, found)
            self._show(found.sight)
        elif digest == before or self._is_torn(found):
            raise DocumentUnavailable(f"{self._path} was written, but its storage did not keep what was written.")
        else:
            await self._agreement.overwritten(comparison)
            self._disk = Disk.CHANGED

    def _compare(self) -> None:
        self._edits = None
        if not self._agreement.compare().same:
            show(self._document, dirty=True)

    # --- what it says -----------------------------------------------------------------------------------

    def _failed(self, error: DocumentError) -> None:
        now = self._around.clock.now()
        self._failure, self._failures = error, self._failures + 1
        self._retry_at = now + self._around.settings.pace.retry_after(self._failures)
        self._hinted = True
        self._answer(SaveResult(SaveStatus.FAILED, error.words))

    def _recovered(self) -> None:
        self._failure, self._failures, self._retry_at = None, 0, None

    def _standing(self) -> Standing:
        if self._disk is Disk.MISSING:
            return Standing.MISSING
        # A file is unreadable for a moment while somebody else writes it: nobody is told of the first time.
        if self._failures > isinstance(self._failure, DocumentUnreadable):
            return Standing.FAILING
        return Standing.FINE if self._writable else Standing.READ_ONLY

    def _words(self) -> str:
        return words_for(self._standing(), self._path, self._failure.words if self._failure else "")

    def _tell(self) -> None:
        self._told = self._standing()
        self._document.tell(f"file {self._told.value}", self._words())
        if self._told is not Standing.FINE:
            kind = NoticeKind.DELETED if self._told is Standing.MISSING else NoticeKind.SAVE_FAILED
            self._announce(kind, self._words())

    def _announce_merge(self, merged: Merged) -> None:
        if merged.changed:
            self._announce(NoticeKind.MERGED, f"{self._path} was changed outside, and the change was taken in.")
        if merged.conflicts:
            words = (
                f"{self._path} was changed outside at a place that was also changed here. Both texts were kept."
            )
            self._announce(NoticeKind.CONFLICT, words)
            self._document.tell("conflict", words)

    def _announce(self, kind: NoticeKind, words: str = "", seconds: float | None = None) -> None:
        self._around.announce(Notice(kind, self._address.room, words, path=self._path, seconds=seconds))

    def _answer(self, result: SaveResult, count: int | None = None) -> None:
        """Answer those who asked first, or all."""
        answered, self._asked = self._asked[:count], self._asked[len(self._asked[:count]) :]
        for answer in answered:
            answer.set_result(result)

    def _saw(self, found: Reading) -> None:
        self._disk, self._writable, self._spelling = Disk.AGREED, found.sight.writable, found.spelling
        self._hashed = bool(found.sight.hash)
        self._polled(changed=True)

    def _show(self, sight: Sight) -> None:
        """Tell frontends what they have in hand."""
        ahead = self._agreement.ahead or self._edits is not None
        values: dict[str, str | bool] = {"path": self._path}
        if sight.hash:
            values["hash"] = sight.hash
        if not ahead:
            values["dirty"] = False
        show(self._document, **values)

    def _polled(self, *, changed: bool) -> None:
        self._polling.looked(self._around.clock.now(), changed=changed)

    def _on_demand(self) -> bool:
        states = self._document.awareness.states.values()
        self._wanted = autosave_is_wanted(states, self._wanted)
        return not (self._around.settings.autosave and self._wanted)


def _nothing() -> None:
    """End nothing: it has not begun."""
