"""How a room gets its document: from its log, or an empty one, and then from its keeper.

It can be looked at as soon as it is there. What it was filled with is what the file has, so it may be seen before it
is in the log; whatever changes it comes after, in the log and to everybody.

A history that cannot be read is not used in part: the room begins a new one under a new epoch, and says so. A log
that fails as a whole never keeps a document from being opened; it is opened without a past, and what happens to it
is kept for the log. A room that stopped the process several times while it was loaded is not loaded again.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from pycrdt import Doc

from ..documents import Keeper
from ..errors import DocumentQuarantined, StoreCorrupt, StoreError
from ..ids import Epoch, RoomId, RoomKind, new_epoch, room_kind
from ..notices import Announce, Notice, NoticeKind
from ..protocol.bounds import Limits
from ..store.log import History, Log, StoredMark
from .history import fresh_document, rebuild
from .live import LiveDocument
from .open_room import OpenRoom, Phase
from .pump import Pump
from .room import Room


class Opening:
    """Opens rooms' documents, for the hub."""

    def __init__(
        self,
        log: Log,
        keeper_of: Callable[[RoomId], Keeper | None],
        pump: Pump,
        announce: Announce,
        limits: Limits,
        load_attempts: int,
    ) -> None:
        self._log = log
        self._keeper_of = keeper_of
        self._pump = pump
        self._announce = announce
        self._limits = limits
        self._load_attempts = load_attempts

    async def fill(self, place: OpenRoom) -> None:
        """Give the room its document; raises DocumentError."""
        if place.logged:
            await self._count_attempt(place)
            await self._restore(place)
        else:
            self._give_document(place, fresh_document(), new_epoch(), 0)
        place.keeper = self._keeper_of(place.id)
        if place.keeper is not None:
            assert place.room is not None
            with place.room.seeding():
                await place.keeper.load(self.document(place))
        assert place.room is not None
        ready = place.room.take()
        if ready.failure is not None:
            raise ready.failure
        place.beginning = ready.append if place.logged else []
        self._pump.tell_watchers(place, ready.changed)

    async def record(self, place: OpenRoom) -> None:
        """Write into the log what the document was filled with."""
        is_new = place.log_rows == 0 and place.snapshot_bytes == 0
        beginning, place.beginning = place.beginning, []
        marks, place.first_marks = place.first_marks, {}
        if not (await self._pump.record(place, beginning) and await self._mark(place, marks)):
            for name in marks:
                place.marks.pop(name, None)
        elif is_new:
            # It weighs what a snapshot of it would weigh: to replace it by one would shorten nothing.
            place.snapshot_bytes, place.log_bytes, place.log_rows = place.log_bytes, 0, 0
        if place.logged:
            await self._try(self._log.settled(place.id))

    async def _mark(self, place: OpenRoom, marks: dict[str, StoredMark | None]) -> bool:
        if marks and place.epoch is not None:
            try:
                await self._log.mark(place.id, place.epoch, marks)
            except StoreError as error:
                self._announce(Notice(NoticeKind.STORE_FAILED, place.id, error.words))
                return False
        return True

    async def _count_attempt(self, place: OpenRoom) -> None:
        try:
            attempts = await self._log.attempt(place.id)
        except StoreError:
            return  # the log fails as a whole, which _restore says in words
        if attempts > self._load_attempts:
            raise DocumentQuarantined(
                "Opening this document stopped the server several times, so it is not opened again. "
                "An administrator can reset its history; the file itself is untouched."
            )

    async def _restore(self, place: OpenRoom) -> None:
        """Give the room its document from the log, or an empty one under a new epoch."""
        try:
            history = await self._log.read(place.id)
            if history is not None:
                self._give_document(place, rebuild(history), history.epoch, history.last_seq)
                _note_size(place, history)
                return
        except StoreCorrupt as error:
            self._announce(Notice(NoticeKind.HISTORY_RESTARTED, place.id, error.words))
        except StoreError as error:
            self._announce(Notice(NoticeKind.STORE_FAILED, place.id, error.words))
        await self._begin(place)

    async def _begin(self, place: OpenRoom) -> None:
        epoch = new_epoch()
        place.marks, place.first_marks, place.unstored, place.log_bytes, place.log_rows = {}, {}, [], 0, 0
        place.snapshot_bytes = 0
        await self._try(self._log.begin(place.id, epoch))
        self._give_document(place, fresh_document(), epoch, 0)

    async def _try(self, call: Coroutine[Any, Any, None]) -> None:
        """Make a call to the log whose failure must not keep a document from being opened."""
        try:
            await call
        except StoreError as error:
            self._announce(Notice(NoticeKind.STORE_FAILED, words=error.words))

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
        room.wake = lambda: self._pump.wake(place)
        if place.room:
            place.room.close()
        place.room, place.epoch = room, epoch

    async def _restart(self, place: OpenRoom, why: str) -> None:
        """Begin a new history, because the keeper cannot use this one."""
        if place.phase is not Phase.LOADING:
            raise RuntimeError("A history is given up only while its room loads.")
        self._announce(Notice(NoticeKind.HISTORY_RESTARTED, place.id, why))
        await self._begin(place)

    def document(self, place: OpenRoom, release: Callable[[OpenRoom], None] | None = None) -> LiveDocument:
        """Return the room's document, for one holder."""
        return LiveDocument(place, self._log, self._pump.flush, self._restart, release)


def _note_size(place: OpenRoom, history: History) -> None:
    place.marks = dict(history.marks)
    place.snapshot_bytes = len(history.snapshot.update) if history.snapshot else 0
    place.log_rows = len(history.entries)
    place.log_bytes = sum(len(entry.update) for entry in history.entries)
