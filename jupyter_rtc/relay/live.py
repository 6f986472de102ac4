"""A live document, as participants inside the server hold it; implements ``documents.Document``.

It edits through the room, so that every change takes the same way as one from a browser, and reads and sets
the room's marks in the log. It touches no socket and no other participant.

Where the log cannot be written, marks are kept here, so that files are still saved and merged correctly
while this process lives.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict
from functools import partial
from typing import Any

from pycrdt import Awareness, Doc

from ..documents import Author, Mark, Origin
from ..errors import StoreError
from ..ids import Epoch, ParticipantId, RoomId
from ..protocol.messages import Problem
from ..store.log import History, Log, Snapshot, StoredMark
from .history import rebuild
from .late_marks import mark_late, take
from .open_room import OpenRoom, Phase
from .room import Room
from .session import Standing

SAVED = "saved"
"""The mark of the state that file and document last agreed on: the base of the three-way merge."""
SAVED_BEFORE = "saved before"
"""The one before it: the predecessor of what the file holds now."""
SAVING = "saving"
"""The mark of a write that was begun."""

PATIENCE = 1.5
"""Seconds that a participant's answer is waited for before it counts as mute."""


class LiveDocument:
    """One room's document, for one holder."""

    def __init__(
        self,
        place: OpenRoom,
        log: Log,
        flush: Callable[[], Awaitable[None]],
        restart: Callable[[OpenRoom, str], Awaitable[None]],
        release: Callable[[OpenRoom], None] | None = None,
    ) -> None:
        """Hold the document of ``place``.

        ``flush`` appends and sends what is due; ``restart`` begins a new history; ``release`` is told when the
        holder gives the document back.
        """
        self._place = place
        self._log = log
        self._flush = flush
        self._restart = restart
        self._release = release
        self._awareness: Awareness | None = None
        self._unsafe_intent: tuple[Mark, bytes] | None = None
        self._unsafe_base: tuple[Mark, bytes] | None = None

    @property
    def room(self) -> RoomId:
        """The room's id."""
        return self._place.id

    @property
    def epoch(self) -> Epoch:
        """The identity of the document's history."""
        return self._room.epoch

    @property
    def ydoc(self) -> Doc[Any]:
        """The live document."""
        return self._room.doc

    @property
    def awareness(self) -> Awareness:
        """Who looks at it, as of now."""
        if self._awareness is None or self._awareness.client_id != self.ydoc.client_id:
            self._awareness = Awareness(self.ydoc)
        self._refresh(self._awareness)
        return self._awareness

    @property
    def writers_states(self) -> list[Mapping[str, Any]]:
        """What the awareness of those says who are connected and may write."""
        writers = [who for who, member in self._room.members.items() if member.standing is Standing.WRITING]
        return [json.loads(state) for who in writers for state in self._room.presence.states_of(who)]

    @property
    def revision(self) -> int:
        """The number of changes so far."""
        return self._room.changes.revision

    @property
    def restored(self) -> bool:
        """Whether the document has a history."""
        return self._room.changes.revision > 0

    @property
    def author(self) -> Author | None:
        """Within an observer: whose change this is."""
        member = self._room.author
        return Author(member.identity.username, member.may) if member and member.may else None

    def edit(self, origin: Origin) -> AbstractContextManager[None]:
        """Make one change."""
        return self._room.changes.edit(origin)

    def apply(self, update: bytes, origin: Origin) -> None:
        """Apply an update that was made on a fork of this document."""
        self._room.changes.apply(update, origin)

    def watch(self, changed: Callable[[Origin], None]) -> Callable[[], None]:
        """Call ``changed(origin)`` after each change."""
        self._place.watchers.append(changed)

        def end() -> None:
            if changed in self._place.watchers:
                self._place.watchers.remove(changed)

        return end

    async def catch_up(self, username: str) -> None:
        """Return when everything has arrived that this user's connections had to say before the call."""
        members = self._room.members
        theirs = [who for who, member in members.items() if member.identity.username == username]
        whom = [who for who in theirs or members if not members[who].mute]
        done = asyncio.Event()
        left = set(whom)

        def note(who: ParticipantId) -> None:
            left.discard(who)
            if not left:
                done.set()

        for who in whom:
            self._room.ask(who, partial(note, who))
        if not left:
            return
        try:
            async with asyncio.timeout(PATIENCE):
                await done.wait()
        except TimeoutError:
            for who in left & self._room.members.keys():
                self._room.members[who].mute = True

    async def agreed(self) -> tuple[Mark, Doc[Any]] | None:
        """Return the saved mark and a document with the state of that time."""
        if self._unsafe_base:
            mark, update = self._unsafe_base
            return mark, rebuild(History(self.epoch, Snapshot(mark.revision, update), ()))
        marks = self._place.marks
        if SAVED not in marks:
            return None
        mark = _unpack(marks[SAVED])
        history = await self._log.read(self.room, mark.revision)
        return (mark, rebuild(history)) if history else None

    async def saved(self) -> Mark | None:
        """Return the saved mark, whether or not the state of that time can be read."""
        if self._unsafe_base:
            return self._unsafe_base[0]
        marks = self._place.marks
        return _unpack(marks[SAVED]) if SAVED in marks else None

    async def intended(self) -> Mark | None:
        """Return the mark of a write whose end nobody recorded."""
        marks = self._place.marks
        return _unpack(marks[SAVING]) if SAVING in marks else None

    async def intend(self, mark: Mark) -> None:
        """Record durably that the file is about to be written with this state."""
        state = self.ydoc.get_update() if self._place.unstored and self.revision == mark.revision else None
        done = await self._mark({SAVING: _pack(mark)})
        self._unsafe_intent = None if done or state is None else (mark, state)

    async def agree(self, mark: Mark) -> None:
        """Record durably that file and document agree on this state."""
        before = self._place.marks.get(SAVED)
        done = await self._mark({SAVED: _pack(mark), SAVED_BEFORE: before, SAVING: None})
        self._unsafe_base = None if done else self._unsafe_intent

    async def start_over(self, why: str) -> None:
        """Give up the document's history."""
        await self._restart(self._place, why)

    def tell(self, code: str, words: str, lasts: bool | None = None, brief: str = "") -> None:
        """Tell everyone who asked for words, and others of what lasts."""
        self._room.tell(Problem(code, words), lasts, brief)

    async def close(self) -> None:
        """Give the document back."""
        if self._release:
            self._release(self._place)
            self._release = None

    @property
    def _room(self) -> Room:
        if self._place.room is None:
            raise RuntimeError("The room's document is not there yet.")
        return self._place.room

    async def _mark(self, marks: dict[str, StoredMark | None]) -> bool:
        """Set marks once everything before them is in the log; return whether they are durable.

        Those of a document that is being loaded follow what it is filled with, and come before all changes. What a
        failing log does not take is kept for it, as changes are.
        """
        if self._place.phase in (Phase.LOADING, Phase.FAILED):
            self._place.first_marks.update(marks)
            self._place.keep(marks)
            return True
        if self._place.phase is Phase.SHOWN:
            await asyncio.shield(self._place.loaded)
        await self._flush()
        try:
            return take(self._place, marks) and await mark_late(self._log, self._place)
        except StoreError:
            return False

    def _refresh(self, awareness: Awareness) -> None:
        awareness.states.clear()
        for presence in self._room.presence.everyone():
            awareness.states[presence.client] = json.loads(presence.state or "{}")


def _pack(mark: Mark) -> StoredMark:
    return StoredMark(mark.revision, json.dumps(asdict(mark)))


def _unpack(stored: StoredMark) -> Mark:
    return Mark(**json.loads(stored.note))
