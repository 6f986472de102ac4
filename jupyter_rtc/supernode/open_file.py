"""One file while its document is open: where it is, what is known of it, how it is spelled.

It looks, reads and writes when it is told to, and decides nothing. ``disk`` is what the last look found, beside
what the document has taken in; a hint takes that knowledge away again.

A hash tells whether the file changed. Where none is reported, time and size say that it did not, except right before
writing; that it did, only its content says.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ..datastore.content import Content
from ..errors import DocumentMissing, DocumentUnreadable
from ..ids import FileAddress
from .contents import FileType, Reading, Sight, Spelling, Written
from .plan import Disk
from .polling import Polling
from .surroundings import Surroundings
from .watch import Touched

IsTaken = Callable[[Content | None], Awaitable[bool]]
"""Whether the document has taken in this content; None: the file cannot be read as what it should be."""


class OpenFile:
    """One file."""

    def __init__(self, address: FileAddress, around: Surroundings) -> None:
        """Name the file; nothing is looked at."""
        self._id = address.file_id
        self._what = FileType.of(address.type, address.format)
        self._around = around
        self._spelling = Spelling()
        self._held = False
        self._hinted = False
        self._found = Disk.UNSEEN
        self._stamp = ""
        """What it looked like when it was known to have what the document has taken in, if it does."""
        self._was_emptied = False
        settings = around.settings
        watched = around.watch.sees_outside
        self._polling = Polling(settings.poll_interval, settings.poll_interval_max, watched=watched)
        self.path = ""
        """Where it is, as the contents manager names it; empty before it is located."""
        self.writable = True
        self.torn: Content | None = None
        """What a write of ours that has not ended well was to write."""

    @property
    def disk(self) -> Disk:
        """What is known of the file."""
        return Disk.UNSEEN if self._hinted else self._found

    @property
    def missing(self) -> bool:
        """Whether it was not there when it was last looked for."""
        return self._found is Disk.MISSING

    @property
    def look_at(self) -> float | None:
        """When to look at it without a reason."""
        return self._polling.due

    def hint(self, *, seen: bool = True) -> None:
        """Note that it may have changed, moved or gone; if nothing was seen, time and size will tell."""
        if seen:
            self._hinted = True
        else:
            self._polling.due = self._around.clock.now()

    def changed(self) -> None:
        """Note that it holds something that the document has not."""
        self._found, self._stamp = Disk.CHANGED, ""

    def follow(self, touched: Touched) -> Callable[[], None]:
        """Call back when it may have changed; return what ends it."""
        return self._around.watch.follow(self.path, touched)

    async def locate_first(self) -> None:
        """Find out where it is, and hold on to that until ``let_go``; raises DocumentMissing."""
        self._held = True
        self._around.identity.hold(self._id)
        path = await self._around.identity.locate(self._id)
        if path is None:
            raise DocumentMissing("This file is not known here any more. Open it again by its name.")
        self.path = path

    def let_go(self) -> None:
        """Keep no longer in mind where it is; the second time does nothing."""
        if self._held:
            self._held = False
            self._around.identity.release(self._id)

    async def locate(self) -> bool:
        """Find out where it is now; return whether it has moved."""
        before, self.path = self.path, await self._whereabouts()
        return self.path != before

    async def _whereabouts(self) -> str:
        """Return where it is; where it was, if nobody knows."""
        return await self._around.identity.locate(self._id) or self.path

    async def look(self, taken: str, is_taken: IsTaken) -> None:
        """Look whether it still has what the document has taken in, of the hash ``taken``; raises DocumentError.

        Without a hint, which is when polling, time and size are looked at first, which costs less.
        """
        await self._look(taken, is_taken, closely=False)

    async def look_closely(self, taken: str, is_taken: IsTaken) -> None:
        """Look right before writing; where no hash is reported, also at the content, which time may hide."""
        self._hinted = True
        if await self._whereabouts() != self.path:
            return  # it was moved, which the next look follows
        await self._look(taken, is_taken, closely=True)

    async def _look(self, taken: str, is_taken: IsTaken, *, closely: bool) -> None:
        hinted, self._hinted = self._hinted, False
        try:
            if not hinted and await self.seems_untouched():
                self._polled(changed=False)
                return
            sight = await self._around.contents.look(self.path, self._what)
            if sight.hash:
                same = sight.hash == taken
            else:
                same = (sight.stamp == self._stamp and not closely) or await self._holds_taken(sight, is_taken)
        except DocumentMissing:
            self._found = Disk.MISSING
            self._polled(changed=False)
            return
        self._note(sight, same=same)

    async def _holds_taken(self, sight: Sight, is_taken: IsTaken) -> bool:
        """Whether its content is what the document has taken in, however it is spelled now.

        Another time says little: some contents managers give that of the look.
        """
        is_known = sight.stamp == self._stamp
        try:
            found = await (self.read_back() if is_known else self.read())
        except DocumentUnreadable:
            return await is_taken(None)
        if not await is_taken(found.content):
            return False
        self._spelling = self._spelling if is_known else found.spelling
        return True

    async def seems_untouched(self) -> bool:
        """Whether time and size say that it is as the document last took it in; raises DocumentError."""
        if self._found is not Disk.AGREED:
            return False
        sight = await self._around.contents.look(self.path, self._what, hashed=False)
        return sight.stamp == self._stamp and sight.writable == self.writable

    async def read(self) -> Reading:
        """Return its content; raises DocumentError."""
        return await self._around.contents.read(self.path, self._what)

    async def read_settled(self) -> Reading:
        """Return its content; raises DocumentUnreadable the first time that it is found without any.

        Who writes a file by emptying it first is given a moment to go on.
        """
        found = await self.read()
        if found.sight.empty and not self._was_emptied:
            self._was_emptied = True
            raise DocumentUnreadable(f"{self.path} is empty at the moment.")
        self._was_emptied = False
        return found

    async def read_back(self) -> Reading:
        """Return what it has after a write; raises DocumentError."""
        return await self._around.contents.read_back(self.path, self._what)

    async def sight(self) -> Sight:
        """Return what it looks like; raises DocumentError."""
        return await self._around.contents.look(self.path, self._what)

    async def write(self, content: Content) -> Written:
        """Write it. Raises DocumentError."""
        self.torn = content
        self._around.identity.writing(self._id)
        written = await self._around.contents.write(self.path, self._what, content, self._spelling)
        self._spelling = written.spelling
        self._around.identity.seen(self._id)
        return written

    def written(self) -> None:
        """Note that a write ended well."""
        self.torn = None

    def agrees(self, sight: Sight, spelling: Spelling | None = None) -> None:
        """Note that the document has taken in what the file looked like then."""
        self._found, self.writable = Disk.AGREED, sight.writable
        self._spelling = spelling or self._spelling
        self._stamp = sight.stamp
        self._around.identity.seen(self._id)
        self._polled(changed=True)

    def _note(self, sight: Sight, *, same: bool) -> None:
        if self._found is Disk.MISSING and not self._around.identity.owns(self._id, self.path):
            self._polled(changed=False)
            return  # another file of the same name
        self._found = Disk.AGREED if same else Disk.CHANGED
        self.writable, self._stamp = sight.writable, sight.stamp if same else ""
        self._around.identity.seen(self._id)
        self._polled(changed=not same)

    def _polled(self, *, changed: bool) -> None:
        self._polling.looked(self._around.clock.now(), changed=changed)
