"""What goes from a file into its document and back: loading, merging, comparing, saving. Each when it is told to.

* Nothing is written where the file is not as the document last took it in; then nothing is saved, and the caller
  looks at the facts again.
* A write is announced in the log, made, and read back before it counts as saved.
* A write of ours that was torn (by a crash, by a full disk) is recognised and written again; it is no change that
  somebody made.

It decides no time, retries nothing, and tells nobody of failures: they are raised as ``DocumentError``.
"""

from __future__ import annotations

from ..datastore.content import Shape
from ..documents import Document
from ..errors import DocumentUnavailable, DocumentUnreadable
from ..notices import NoticeKind
from .agreement import Agreement, Comparison, is_torn
from .clock import Clock
from .contents import Reading, Sight, Written
from .open_file import OpenFile
from .plan import Disk, Edits
from .state import show
from .voice import Voice

_VAIN = 2
"""After how many saves that came to nothing it is a failure: somebody else may write once in that moment."""

_OVERTAKEN = 10
"""The same where each time there was something new in the file: somebody may write often, but not without end."""


class Exchange:
    """The way between one file and its document."""

    def __init__(self, document: Document, shape: Shape, file: OpenFile, voice: Voice, clock: Clock) -> None:
        """Connect these; nothing is read or written."""
        self._document = document
        self._file = file
        self._voice = voice
        self._clock = clock
        self._agreement = Agreement(document, shape, clock.wall)
        self._vain = 0
        """How many saves in a row came to nothing, and nothing new was in the file either."""
        self._overtaken = 0
        """How many saves in a row came to nothing."""
        self.edits: Edits | None = None
        """When the document was changed since it was last compared with the file; None if it was not."""
        self.saved_at: float | None = None
        """When the file was last written, in seconds since 1970."""

    @property
    def unsaved(self) -> bool:
        """Whether comparing showed that the document has what the file has not."""
        return self._agreement.ahead

    @property
    def is_large(self) -> bool:
        """Whether calculating with the content takes its time."""
        return self._agreement.is_large

    @property
    def ahead(self) -> bool:
        """Whether the document has, or may have, what the file has not."""
        return self.edits is not None or self._agreement.ahead

    @property
    def is_stuck(self) -> bool:
        """Whether saving comes to nothing again and again, because the file changes, or seems to, each time."""
        return self._vain >= _VAIN or self._overtaken >= _OVERTAKEN

    def note_edit(self) -> bool:
        """Note that the document was changed just now; return whether that is news."""
        now = self._clock.now()
        before, self.edits = self.edits, Edits(self.edits.first if self.edits else now, now)
        return before is None

    async def begin(self) -> None:
        """Make document and file agree for the first time."""
        found, is_torn = await self._read_first()
        if found is None or is_torn:
            await self._overwrite_torn_write(found)
        elif self._document.restored:
            merged = await self._agreement.resume(found)
            self._file.agrees(found.sight, found.spelling)
            self._voice.tell_merge(self._document, merged, self._file.path)
            await self._agreement.compare()
            self._wait_for_more()
            self._show(found.sight)
        else:
            await self._agreement.fill(found)
            self._file.agrees(found.sight, found.spelling)
            self._show(found.sight)
            await self._agreement.note_filled(found)

    async def settle(self) -> None:
        """Do what opening left for later."""
        await self._agreement.digest_filled()

    async def _read_first(self) -> tuple[Reading | None, bool]:
        """Return the file's content (None: unreadable), and whether a write of ours left it so that did not end."""
        try:
            found = await self._file.read()
        except DocumentUnreadable:
            if not (self._document.restored and await self._agreement.is_torn_write(None)):
                raise
            return None, True
        return found, self._document.restored and await self._agreement.is_torn_write(found)

    def show_move(self, former: str) -> None:
        """Tell everyone where the file is now, which was at ``former``."""
        show(self._document, path=self._file.path)
        self._voice.announce_move(former, self._file.path)

    async def merge(self) -> None:
        """Take in what the file has."""
        try:
            found = await self._file.read_settled()
        except DocumentUnreadable:
            if self._file.torn is None:
                raise
            await self._overwrite_torn_write(None)
            return
        if self._is_torn(found):
            await self._overwrite_torn_write(found)
            return
        before = self._agreement.disk.content
        merged = await self._agreement.absorb(found)
        if self._agreement.disk.content != before:
            self._vain = 0
        self._file.agrees(found.sight, found.spelling)
        self._wait_for_more()
        self._voice.tell_merge(self._document, merged, self._file.path)
        self._show(found.sight)

    def _wait_for_more(self) -> None:
        """Count what was merged as an edit: who writes the file may not be done, and two writers at once lose text."""
        if self._agreement.ahead:
            self.note_edit()

    def _is_torn(self, found: Reading) -> bool:
        torn = self._file.torn
        return torn is not None and (found.sight.empty or is_torn(found.content, torn))

    async def _overwrite_torn_write(self, found: Reading | None) -> None:
        """Take the file for what a write of ours left: it says nothing, and the document is written again."""
        sight = await self._file.sight() if found is None else found.sight
        await self._agreement.disown(sight.fingerprint, None if found is None else found.content)
        self._file.agrees(sight)

    async def save(self) -> bool:
        """Write what the file has not; return whether the file has all of the document now.

        Raises:
            DocumentUnavailable: the file changes all the time, or seems to, though it never has anything new.

        """
        saved = await self._save()
        if saved or self._file.missing or not self._file.writable:
            self._vain = self._overtaken = 0
        else:
            self._vain, self._overtaken = self._vain + 1, self._overtaken + 1
        if self.is_stuck:
            why = (
                "its storage says each time that it was changed, though nothing in it is new"
                if self._vain >= _VAIN
                else "it is changed each time before its document agrees with it"
            )
            raise DocumentUnavailable(f"{self._file.path} cannot be saved: {why}.")
        return saved

    async def look(self) -> None:
        """Look whether the file has anything new."""
        await self._file.look(self._agreement.disk.fingerprint, self._agreement.has_taken)

    async def _may_write(self) -> bool:
        """Look closely; return whether nothing would be overwritten."""
        await self._file.look_closely(self._agreement.disk.fingerprint, self._agreement.has_taken)
        return self._file.disk is Disk.AGREED and self._file.writable

    async def _save(self) -> bool:
        if not await self._may_write():
            return False
        self.edits = None
        comparison = await self._agreement.compare()
        if comparison.same:
            await self._agreement.confirm(comparison)
        elif not await self._write(comparison):
            return False
        show(self._document, dirty=self.edits is not None)
        return True

    async def _write(self, comparison: Comparison) -> bool:
        """Write this content; return whether the file still has it when it is read back.

        Where it has not, the contents manager rewrote it in its own way, or somebody else wrote right after,
        whether or not they saw what was written.
        """
        started, before = self._clock.now(), self._agreement.disk.content
        await self._agreement.begin_write(comparison)
        if not await self._file.seems_untouched() and not await self._may_write():
            return False
        written = await self._file.write(comparison.content)
        found = await self._file.read_back()
        digest = await self._agreement.digest(found.content)
        if digest != await self._digest_of_written(comparison, written):
            self._know_old_or_torn(found, is_old=digest == before)
            if await self._is_rewritten(comparison, written, found):
                await self._agreement.rewritten(comparison)
            self._file.written()
            self._file.changed()
            return False
        await self._agreement.end_write(comparison, found)
        self._file.written()
        self._file.agrees(found.sight)
        self._show(found.sight)
        self.saved_at = self._clock.wall()
        self._voice.announce(NoticeKind.SAVED, self._file.path, seconds=self._clock.now() - started)
        return True

    async def _is_rewritten(self, comparison: Comparison, written: Written, found: Reading) -> bool:
        """Whether what the file has now was made of what was written, by its contents manager or its hooks."""
        if found.sight.stamp == written.stamp:
            return True
        ours = comparison.content if written.content is None else written.content
        return written.may_differ and not await self._agreement.is_overtaken(ours, found.content)

    async def _digest_of_written(self, comparison: Comparison, written: Written) -> str:
        return comparison.digest if written.content is None else await self._agreement.digest(written.content)

    def _know_old_or_torn(self, found: Reading, *, is_old: bool) -> None:
        """Raise DocumentUnavailable if the file has nothing new, or only a part of what was just written."""
        if is_old or self._is_torn(found):
            path = self._file.path
            raise DocumentUnavailable(f"{path} was written, but its storage did not keep what was written.")

    async def compare(self) -> None:
        """Find out whether the document has what the file has not, and show it."""
        self.edits = None
        comparison = await self._agreement.compare()
        show(self._document, dirty=not comparison.same or self.edits is not None)

    def _show(self, sight: Sight) -> None:
        """Tell frontends what they have in hand."""
        values: dict[str, str | bool] = {"path": self._file.path}
        if sight.hash:
            values["hash"] = sight.hash
        if not self.ahead:
            values["dirty"] = False
        show(self._document, **values)
