"""What one file and its document agree on, and how the one takes in what the other has.

* ``disk`` is the file's content that the document has taken in; the document is *behind* nothing and may be
  *ahead* of it (unsaved edits).
* A change on disk is merged three ways, from the content of ``disk``. Where nobody has edited since, that is what
  the live document has; otherwise it is the state of the saved mark, or what the previous merge took in.
* After a merge with unsaved edits there is no state in the log that equals the file. Its content is kept in memory
  for the next merge, and an intent that carries a fingerprint records durably that this file was taken in, so
  that it is not merged a second time after a crash.
* An intent without a fingerprint is a write that was begun. If the file then has that content, the write was
  ours, whether or not anybody lived to record it.

This module changes the document and sets marks; it neither reads nor writes the file, and decides no time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pycrdt import Doc

from ..datastore.content import Content, Shape
from ..datastore.draft import drafted
from ..datastore.merge import Merged, changes_elsewhere, filled, merge
from ..documents import Document, Mark
from ..errors import DocumentUnavailable, StoreCorrupt, StoreError
from .aside import MUCH, aside, is_much
from .contents import Reading

_UNREADABLE = "unreadable"
"""In place of a digest: that of a torn write of ours that cannot be read."""

FROM_DISK = "disk"
"""The origin of what the file brings."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A state of the file that the document has taken in."""

    fingerprint: str
    content: str
    """The digest of its content."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The document's content at one revision, beside what the file has."""

    revision: int
    content: Content
    digest: str
    same: bool
    """Whether the file has it already."""


class _BaseLost(DocumentUnavailable):
    """The state to compare with will not be readable any more; nothing was changed."""


class Agreement:
    """What one file and its document agree on."""

    def __init__(self, document: Document, shape: Shape, wall: Callable[[], float]) -> None:
        """Begin to know nothing; ``wall`` gives the time that marks show to people."""
        self._document = document
        self._shape = shape
        self._wall = wall
        self._merged: Content | None = None
        self._begun: Comparison | None = None
        """A write that was begun, and of which nobody knows whether the file has it."""
        self._size = 0
        self._filled_at = -1
        """The document's revision when it had been filled: as it is then, it agrees with the file."""
        self._filled_with: Reading | None = None
        """What it was filled with, until that is digested."""
        self.disk = Taken("", "")
        self.ahead = False
        """Whether, when they were last compared, the document had what the file has not."""

    @property
    def is_large(self) -> bool:
        """Whether calculating with the content takes its time."""
        return self._size >= MUCH

    async def compare(self) -> Comparison:
        """Compare the document, as it is at the moment of the call, with what the file has."""
        revision, content = self._document.revision, self._shape.read(self._document.ydoc)
        if not self.is_large and is_much(content):
            self._size = MUCH
        digest = await self.digest(content)
        self.ahead = digest != self.disk.content and revision != self._filled_at
        return Comparison(revision, content, digest, not self.ahead)

    async def digest(self, content: Content) -> str:
        """Return the digest of a content of this document's type."""
        return await aside(self._size, self._shape.digest, content)

    async def fill(self, found: Reading) -> None:
        """Give the file's content to an empty document; a large one bit by bit."""
        self._size = found.size
        if not self.is_large:
            with self._document.edit(FROM_DISK):
                for _ in self._shape.fill(self._document.ydoc, found.content):
                    pass
        else:
            for update in await asyncio.to_thread(drafted, self._shape, found.content):
                self._document.apply(update, FROM_DISK)
                await asyncio.sleep(0)
        self.disk = Taken(found.sight.fingerprint, "")

    async def resume(self, found: Reading) -> Merged:
        """Make a document that has a history agree with the file that there is now.

        Raises:
            DocumentUnavailable: the history cannot be read now; nothing was changed.

        """
        self._size = found.size
        digest = await self.digest(found.content)
        intent = await self._document.intended()
        if intent and intent.content == digest and not intent.fingerprint:
            await self._agree(intent.revision, found, digest)
            return Merged(changed=False, conflicts=())
        mark = await self._document.saved()
        if mark is None:
            return await self._begin_anew(found, digest)
        if found.sight.hash and mark.fingerprint == found.sight.hash:
            self.disk = Taken(mark.fingerprint, mark.content or digest)
            return Merged(changed=False, conflicts=())
        self.disk = Taken(mark.fingerprint, mark.content)
        if intent and intent.content == digest:
            self.disk = Taken(found.sight.fingerprint, digest)  # merged before, and not yet saved
            self._merged = found.content
            return Merged(changed=False, conflicts=())
        try:
            return await self.absorb(found)
        except _BaseLost:
            return await self._begin_anew(found, digest)

    async def absorb(self, found: Reading) -> Merged:
        """Take in what the file has now.

        Raises:
            DocumentUnavailable: the state to compare with cannot be read now; nothing was changed.

        """
        self._size = found.size
        digest = await self.digest(found.content)
        if digest == self.disk.content:
            self.disk = Taken(found.sight.fingerprint, digest)
            return Merged(changed=False, conflicts=())
        if self._begun is not None and digest == self._begun.digest:
            await self._agree(self._begun.revision, found, digest)  # our own write, moved before it was read back
            return Merged(changed=False, conflicts=())
        comparison = await self.compare()
        if comparison.same and comparison.revision == self._document.revision:
            return await self._follow(found)
        base = await self._base(found.content, digest)
        with self._document.edit(FROM_DISK):
            merged = merge(self._shape, self._document.ydoc, base, found.content)
        self.disk = Taken(found.sight.fingerprint, digest)
        await self._note_merged(found)
        return merged

    async def note_filled(self, found: Reading) -> None:
        """Record that file and document agree, after ``fill``; what the file says is digested later."""
        self._filled_at, self._filled_with = self._document.revision, found
        await self._mark(self._filled_at, self.disk)

    async def digest_filled(self) -> None:
        """Digest what the document was filled with. Nobody who opens it has to wait for this."""
        found, self._filled_with = self._filled_with, None
        if found is not None:
            self.disk = Taken(self.disk.fingerprint, await self.digest(found.content))
            await self._mark(self._filled_at, self.disk)

    async def settle(self) -> None:
        """Record that file and document agree as they are, where it was made to follow the file.

        They do even where reading the document does not give back quite what it was filled with, as with a
        notebook without cells: opening a file must never be a reason to write it.
        """
        comparison = await self.compare()
        self.disk = Taken(self.disk.fingerprint, comparison.digest)
        self.ahead = False
        await self._mark(comparison.revision, self.disk)

    async def confirm(self, comparison: Comparison) -> None:
        """Record that the file has this content already, if the log does not say so yet."""
        if self._merged is not None:
            await self._mark(comparison.revision, self.disk)

    async def disown(self, fingerprint: str, content: Content | None) -> None:
        """Take the file, as it is now, for a torn write of ours: it brings nothing, and is overwritten.

        ``content`` is None if it cannot be read.
        """
        self.disk = Taken(fingerprint, _UNREADABLE if content is None else await self.digest(content))
        self.ahead = True

    async def has_taken(self, content: Content | None) -> bool:
        """Whether this is what the document has taken in last; None: what cannot be read."""
        return self.disk.content == (_UNREADABLE if content is None else await self.digest(content))

    async def is_torn_write(self, found: Reading | None) -> bool:
        """Whether the file is what a write of ours left that did not end; ``found`` is None if unreadable."""
        intent = await self._document.intended()
        if intent is None or intent.fingerprint:
            return False
        if found is None or found.sight.empty:
            return True
        digest = await self.digest(found.content)
        mark = await self._document.saved()
        if digest == intent.content or (mark and digest == mark.content):
            return False
        return is_torn(found.content, self._shape.read(self._document.ydoc))

    async def begin_write(self, comparison: Comparison) -> None:
        """Record that the file is about to be written with this content."""
        self._begun = comparison
        await self._document.intend(Mark(comparison.revision, comparison.digest, "", self._wall()))

    async def end_write(self, comparison: Comparison, found: Reading) -> None:
        """Record that the file was written with this content."""
        await self._agree(comparison.revision, found, comparison.digest)
        self.ahead = False

    async def is_overtaken(self, written: Content, content: Content) -> bool:
        """Whether somebody wrote this content who did not see what was written just before.

        A hook that was told of the write goes on from it. What it makes of that may have little of it left, but then
        it changed just these places; who did not see it changed others.
        """
        try:
            before = await self._before()
        except DocumentUnavailable:
            return False
        was = self._shape.read(before)
        return await aside(self._size, changes_elsewhere, self._shape, was, written, content)

    async def rewritten(self, comparison: Comparison) -> None:
        """Record that the file was written with this content, which its contents manager then changed."""
        self.disk = Taken("", comparison.digest)
        await self._mark(comparison.revision, self.disk)
        self.ahead = False

    async def _base(self, content: Content, digest: str) -> Doc[Any]:
        """Return what the author of this content changed: what the file had before, or a write of ours after that.

        They saw the write if the content has all of it. Then it must not count as theirs: where somebody typed on
        in the same lines, these would be there twice.
        """
        before = await self._before()
        if self._begun is None:
            return before
        ours = filled(self._shape, self._begun.content)
        joined, _ = self._shape.join(before, ours, content)
        return ours if await self.digest(joined) == digest else before

    async def _follow(self, found: Reading) -> Merged:
        """Have what the file has, where the document has nothing of its own."""
        with self._document.edit(FROM_DISK):
            self._shape.change(self._document.ydoc, found.content)
        self.disk = Taken(found.sight.fingerprint, "")
        await self.settle()
        return Merged(changed=True, conflicts=())

    async def _note_merged(self, found: Reading) -> None:
        comparison = await self.compare()
        if comparison.same:
            await self._agree(comparison.revision, found, comparison.digest)
            return
        self._merged = found.content
        taken = Mark(comparison.revision, self.disk.content, found.sight.fingerprint, self._wall())
        await self._document.intend(taken)

    async def _before(self) -> Doc[Any]:
        """Return what the file had that the document took in last; raises DocumentUnavailable."""
        return await self._saved_state() if self._merged is None else filled(self._shape, self._merged)

    async def _begin_anew(self, found: Reading, digest: str) -> Merged:
        """Give up a history of which nobody knows how far the file has it, unless it says what the file says.

        What is given up is kept aside.
        """
        if (await self.compare()).digest != digest:
            await self._document.start_over("Nothing tells which part of the document's history the file has.")
            await self.fill(found)
        self.disk = Taken(found.sight.fingerprint, digest)
        await self.settle()
        return Merged(changed=True, conflicts=())

    async def _saved_state(self) -> Doc[Any]:
        agreed = await self._agreed()
        if agreed is None:
            raise _BaseLost(
                "The file was changed outside, and what it had before is not known any more. "
                "Your changes are kept here; save them under another name."
            )
        return agreed[1]

    async def _agreed(self) -> tuple[Mark, Doc[Any]] | None:
        try:
            return await self._document.agreed()
        except StoreCorrupt:
            return None
        except StoreError as error:
            raise DocumentUnavailable("The document's history cannot be read now. Try again.") from error

    async def _agree(self, revision: int, found: Reading, digest: str) -> None:
        self.disk = Taken(found.sight.fingerprint, digest)
        await self._mark(revision, self.disk)

    async def _mark(self, revision: int, taken: Taken) -> None:
        self._merged = self._begun = None
        await self._document.agree(Mark(revision, taken.content, taken.fingerprint, self._wall()))


def is_torn(found: Content, written: Content) -> bool:
    """Whether this is the beginning of what was written, and not all of it."""
    if isinstance(found, str) and isinstance(written, str):
        return len(found) < len(written) and written.startswith(found)
    if isinstance(found, bytes) and isinstance(written, bytes):
        return len(found) < len(written) and written.startswith(found)
    return False
