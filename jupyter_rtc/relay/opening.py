"""How a room gets its document: from its log, or an empty one, and then from its keeper.

It can be looked at as soon as it is there. What it was filled with is what the file has, so it may be seen before it
is in the log; whatever changes it comes after, in the log and to everybody.

Nothing is dropped because it could not be read:

* Of a damaged history, what was first is used, under a new epoch; all of it is kept aside in the log. It is said.
* A log that cannot be read at present keeps nobody from a file: it is opened without a past, and led around the log
  until that can be read again. Who holds a copy of another epoch keeps it, and comes back later. What has no file
  cannot be opened meanwhile, and says so.
* A new history that cannot be begun in the log is led around it as well, and goes into it later.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from pycrdt import Doc

from ..documents import Keeper
from ..errors import (
    EpochMismatch,
    HistoryUnavailable,
    RtcError,
    StoreCorrupt,
    StoreError,
)
from ..ids import Epoch, RoomId, RoomKind, new_epoch, room_kind
from ..notices import Announce, Notice, NoticeKind
from ..protocol.bounds import Limits
from ..protocol.messages import Problem
from ..store.detour import Detour
from ..store.log import History
from .history import fresh_document, rebuild, usable_until
from .late_marks import mark_late
from .live import LiveDocument
from .open_room import Around, OpenRoom, Phase
from .pump import Pump
from .room import Room
from .way_back import RETRY, UNKEPT, UNKEPT_BRIEF


class Opening:
    """Opens rooms' documents, for the hub."""

    def __init__(
        self,
        log: Detour,
        keeper_of: Callable[[RoomId], Keeper | None],
        pump: Pump,
        announce: Announce,
        now: Callable[[], float],
        limits: Limits,
    ) -> None:
        self._log = log
        self._keeper_of = keeper_of
        self._pump = pump
        self._announce = announce
        self._now = now
        self._limits = limits

    async def fill(self, place: OpenRoom) -> None:
        """Give the room its document; raises DocumentError."""
        place.keeper = self._keeper_of(place.id)
        if place.logged:
            await self._restore(place)
        else:
            self._give_document(place, fresh_document(), new_epoch(), 0)
        if place.keeper is not None:
            assert place.room is not None
            with place.room.changes.seeding():
                await place.keeper.load(self.document(place))
        assert place.room is not None
        place.filled = True
        if words := self._unkept(place):
            place.room.tell(Problem("store failing", words), lasts=True, brief=UNKEPT_BRIEF)
        ready = place.room.take()
        if ready.failure is not None:
            raise ready.failure
        place.beginning = ready.append if place.logged else []
        self._pump.tell_watchers(place, ready.changed)

    def _unkept(self, place: OpenRoom) -> str:
        """Return why what is written here does not outlive the process, if it should."""
        if place.around is not None:
            return place.around.words
        return self._log.unkept if place.logged else ""

    async def record(self, place: OpenRoom) -> None:
        """Write into the log what the document was filled with."""
        is_new = place.log_rows == 0 and place.snapshot_bytes == 0
        beginning, place.beginning = place.beginning, []
        marks, place.first_marks = place.first_marks, {}
        await self._pump.record(place, beginning)
        place.late_marks.update(marks)
        if not await self._mark(place):
            for name in marks:
                place.marks.pop(name, None)
        elif is_new:
            # It weighs what a snapshot of it would weigh: to replace it by one would shorten nothing.
            place.snapshot_bytes, place.log_bytes, place.log_rows = place.log_bytes, 0, 0

    async def _mark(self, place: OpenRoom) -> bool:
        try:
            return await mark_late(self._log, place)
        except StoreError as error:
            self._announce(Notice(NoticeKind.STORE_FAILED, place.id, error.words))
            return False

    async def _restore(self, place: OpenRoom) -> None:
        """Give the room its document from the log, or an empty one under a new epoch."""
        try:
            found = await self._history(place)
        except StoreError as error:
            await self._open_without(place, error)
            return
        if found is None:
            await self._begin(place)
            return
        doc, history = found
        if self._log.leads(place.id):
            place.around = Around(UNKEPT, self._now())
        self._give_document(place, doc, history.epoch, history.last_seq)
        _note_size(place, history)

    async def _history(self, place: OpenRoom) -> tuple[Doc[Any], History] | None:
        """Return the room's document and its history, as far as it can be used; raises StoreError."""
        try:
            history = await self._log.read(place.id)
        except StoreCorrupt as error:
            history = await self._salvaged(place, error)
        while history is not None:
            try:
                return rebuild(history), history
            except StoreCorrupt as error:
                history = await self._salvaged(place, error, usable_until(history))
        return None

    async def _salvaged(self, place: OpenRoom, error: StoreCorrupt, upto: int | None = None) -> History | None:
        """Begin a new history with what can be used of the present one, and return it."""
        await self._log.salvage(place.id, new_epoch(), upto)
        history = await self._log.read(place.id)
        count = history.last_seq if history else 0
        place.damage = f"{error.words} Of this history, the first {count} changes are used; all of it is kept aside."
        self._announce(Notice(NoticeKind.HISTORY_RESTARTED, place.id, place.damage))
        return history

    async def _open_without(self, place: OpenRoom, error: StoreError) -> None:
        """Open a room whose history cannot be read now, if there is a file to open it from."""
        self._announce(Notice(NoticeKind.STORE_FAILED, place.id, error.words))
        if place.keeper is None:
            raise HistoryUnavailable(f"This document cannot be opened now. {error.words}") from error
        epoch = new_epoch()
        await self._lead_around(place, epoch, error, unread=True)
        self._give_document(place, fresh_document(), epoch, 0)

    async def _begin(self, place: OpenRoom) -> None:
        """Give the room an empty document; a history that the store has of it is kept aside."""
        given_up, epoch = place.epoch, new_epoch()
        place.marks, place.first_marks, place.unstored, place.log_bytes, place.log_rows = {}, {}, [], 0, 0
        place.snapshot_bytes = 0
        try:
            if given_up is None:
                await self._log.begin(place.id, epoch)
            else:
                await self._log.salvage(place.id, epoch, 0)
        except StoreError as error:
            self._announce(Notice(NoticeKind.STORE_FAILED, place.id, error.words))
            await self._lead_around(place, epoch, error, given_up=given_up)
        self._give_document(place, fresh_document(), epoch, 0)

    async def _lead_around(
        self, place: OpenRoom, epoch: Epoch, error: StoreError, *, given_up: Epoch | None = None, unread: bool = False
    ) -> None:
        """Begin the room's history in memory, until the store can take it."""
        await self._log.around(place.id, epoch, given_up=given_up, unread=unread)
        due = math.inf if isinstance(error, StoreCorrupt) else self._now() + RETRY
        place.around = Around(f"{error.words} {UNKEPT}", due)

    def _give_document(self, place: OpenRoom, doc: Doc[Any], epoch: Epoch, last_seq: int) -> None:
        kind = room_kind(place.id)
        assert kind is not None
        room = Room(
            doc,
            epoch,
            name=place.id,
            last_seq=last_seq,
            limits=self._limits,
            content=kind.has_content,
            filled=kind.is_filled,
            read_only=kind is RoomKind.DIRECTORY,
        )
        room.out.wake = lambda: self._pump.wake(place)
        if place.room:
            place.room.close()
        place.room, place.epoch = room, epoch

    def mismatch(self, place: OpenRoom) -> RtcError:
        """Return what is said to a participant that holds another history than the room."""
        if self._log.hides(place.id):
            return HistoryUnavailable("The history of this document cannot be read now. What you have is kept; wait.")
        return EpochMismatch("The server has a newer copy of this document. Reload to continue with it.")

    async def _restart(self, place: OpenRoom, why: str) -> None:
        """Begin a new history, because the keeper cannot use this one."""
        if place.phase is not Phase.LOADING:
            raise RuntimeError("A history is given up only while its room loads.")
        place.damage = f"{why} It is begun anew from what the file has.{self._fate_of_old(place.id)}"
        self._announce(Notice(NoticeKind.HISTORY_RESTARTED, place.id, place.damage))
        await self._begin(place)

    def _fate_of_old(self, room: RoomId) -> str:
        if self._log.hides(room):
            return ""  # what is in memory is dropped when the file has all and the store can be read again
        return f" The old one is kept aside{', as soon as the store can take it' if self._log.leads(room) else ''}."

    def document(self, place: OpenRoom, release: Callable[[OpenRoom], None] | None = None) -> LiveDocument:
        """Return the room's document, for one holder."""
        return LiveDocument(place, self._log, self._pump.flush, self._restart, release)


def _note_size(place: OpenRoom, history: History) -> None:
    place.marks = dict(history.marks)
    place.snapshot_bytes = len(history.snapshot.update) if history.snapshot else 0
    place.log_rows = len(history.entries)
    place.log_bytes = sum(len(entry.update) for entry in history.entries)
