"""What every open document offers, whatever is in it: its tables, who looks at it, and how safe one's changes are.

Reading is free and at once. Writing is at once here; ``progress`` says how far it has come from here, and ``applied``,
``stored`` and ``save`` wait. A wait that is given up (``timeout``, or a cancelled task) gives up nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from enum import IntEnum
from functools import partial
from types import TracebackType
from typing import Any, Self

from ..errors import ChangesLost, ClientError, RtcError
from ..ids import RoomId
from ..tables import Change, Datastore, Schema, Watch
from ..tables.observer import Heard
from .presence import Person, people_in
from .transport import SharedDocument, Transport

FAREWELL = 10.0
"""Seconds that ``close`` waits for the last changes to arrive."""


class Progress(IntEnum):
    """How far one's newest change has come."""

    HERE = 0
    """It is only here."""
    APPLIED = 1
    """The others can see it."""
    STORED = 2
    """It survives the server."""
    SAVED = 3
    """It is in the file."""


class OpenDocument:
    """A shared document, while it is open here."""

    def __init__(self, transport: Transport, document: SharedDocument, schema: Schema) -> None:
        self._transport = transport
        self._document = document
        author = str(transport.user.get("username") or "client")
        self.tables = Datastore(document.doc, schema, author=author, undo=document.undo, edit=document.edit)
        """Its tables; see ``docs/tables.md``."""
        self._unsure: list[tuple[int, tuple[Change, ...]]] = []
        """What was changed here and is not stored, under the number of the change (or, for a moment, a later one)."""
        self._unnumbered: tuple[Change, ...] = ()
        self._presence: dict[str, Any] = {}
        self._keep_changes(self._note)
        self._end = document.watch(self._forget_stored)

    @property
    def room(self) -> RoomId:
        """The room's id."""
        return self._document.room

    @property
    def connected(self) -> bool:
        """Whether what others do arrives here now; if not, it is tried again and again."""
        return self._document.synced and self._document.failed is None

    @property
    def progress(self) -> Progress:
        """How far one's newest change has come."""
        made = self._document.made
        if self._document.stored >= made:
            return Progress.SAVED if self._is_saved() else Progress.STORED
        return Progress.APPLIED if self._document.applied >= made else Progress.HERE

    @property
    def unsent(self) -> tuple[Change, ...]:
        """What was changed here and is not known to be safe on the server."""
        return (*(change for _, changes in self._unsure for change in changes), *self._unnumbered)

    @property
    def unkept(self) -> str:
        """Why nothing that is written survives the server at present, in words; empty if it does.

        ``stored`` waits as long as that lasts.
        """
        return self._document.unkept

    def check(self) -> None:
        """Raise why the document is of no use any more, if it is not.

        Raises:
            ChangesLost: what was changed here can never arrive; it is handed back.
            ClientError: it was closed.

        """
        failed = self._document.failed
        if failed is None:
            return
        if isinstance(failed, ClientError) and not isinstance(failed, ChangesLost) and not self.unsent:
            raise failed
        words = failed.words if not self.unsent else f"{failed.words} What was changed here is in this error."
        raise ChangesLost(words, self.unsent, failed) from failed

    async def refresh(self, timeout: float | None = None) -> None:
        """Return when all that the server has now is here, and all that was changed here is there."""
        await self._settled(lambda: self._document.applied, timeout, anyway=True)

    async def applied(self, timeout: float | None = None) -> None:
        """Return when the others can see what was changed here."""
        await self._settled(lambda: self._document.applied, timeout)

    async def stored(self, timeout: float | None = None) -> None:
        """Return when what was changed here survives the server."""
        await self._settled(lambda: self._document.stored, timeout)

    async def until(self, condition: Callable[[], object], timeout: float | None = None) -> None:
        """Return when a condition is true; it is looked at after every change, whoever makes it.

        Raises:
            TimeoutError: it was not, for so many seconds. Nothing else is given up.

        """
        woken = asyncio.Event()
        end = self._document.watch(woken.set)
        try:
            async with asyncio.timeout(timeout):
                while not condition():
                    self.check()
                    woken.clear()
                    await woken.wait()
        finally:
            end()

    def watch(self) -> Watch:
        """Return an asynchronous iterator over the changes of all tables, by whomever, from now on."""
        return self.tables.watch()

    @property
    def people(self) -> list[Person]:
        """Who looks at it, this program included."""
        return people_in(self._document.others)

    async def watch_people(self) -> AsyncIterator[list[Person]]:
        """Yield who looks at it, now and whenever that changes."""
        shown: list[Person] = []
        while True:
            await self.until(partial(self._sees_others_than, shown))
            shown = self.people
            yield shown

    def say(self, **state: Any) -> None:
        """Tell the others about oneself: what one does, where one's cursor is. What was said under other keys stays."""
        self._presence = {**self._presence, **state}
        self._document.say(self._presence)

    async def close(self) -> None:
        """Give it back, when what was changed here has arrived.

        Raises:
            ChangesLost: it cannot arrive.

        """
        try:
            if self._document.failed is None and self._document.applied < self._document.made:
                await self.applied(FAREWELL)
            elif not isinstance(self._document.failed, ClientError) and self.unsent:
                self.check()
        except TimeoutError:
            words = "The server could not be reached before this document was closed."
            raise ChangesLost(words, self.unsent) from None
        finally:
            self._end()
            self.tables.close()
            await self._document.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self.close()
        except RtcError:
            if error is None:
                raise

    def _sees_others_than(self, people: list[Person]) -> bool:
        return self.people != people

    def _keep_changes(self, note: Heard) -> None:
        """Hear of the changes that are handed back if they cannot arrive."""
        self.tables.observe(note)

    def _is_saved(self) -> bool:
        return False

    def _note(self, changes: tuple[Change, ...]) -> None:
        """Keep what was changed here; whether the transaction was counted before this call is left open."""
        self._unnumbered += tuple(change for change in changes if change.own)

    def _forget_stored(self) -> None:
        if self._unnumbered:
            self._unsure.append((self._document.made, self._unnumbered))
            self._unnumbered = ()
        while self._unsure and self._unsure[0][0] <= self._document.stored:
            self._unsure.pop(0)

    async def _settled(self, reached: Callable[[], int], timeout: float | None, *, anyway: bool = False) -> None:
        """Wait until so many changes have come so far; ask the server, so that it says so, at once or ``anyway``."""
        self.check()
        made = self._document.made
        question: int | None = None

        def settled() -> bool:
            nonlocal question
            if reached() >= made and not anyway:
                return True
            if not self._document.synced:
                question = None
                return False
            if question is None:
                question = self._document.ask()
            return reached() >= made and self._document.answered >= question

        await self.until(settled, timeout)
