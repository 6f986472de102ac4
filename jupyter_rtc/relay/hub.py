"""The hub: opens rooms, seats participants, closes rooms; owns every task of the relay.

* A room is opened on demand and once: whoever asks while it loads waits for the same future.
* A participant is seated at once. What it says while the room loads is kept, in order and up to a bound.
* A participant that holds another epoch than the room is told to reload before it is seated.
* A room is freed when nobody looks at it, nobody holds its document, its keeper lets it go and some time has
  passed (``closing``); who comes meanwhile waits and gets a new room.
* A room that cannot be loaded fails with its reason, for those who wait; the next who asks tries again.
* What nobody foresaw ends at most the room in which it happened (``containment``): its whole document goes into the
  log, and its participants come back to a room that is opened anew.

The hub knows no file and no kernel: what stands behind a room is a ``Keeper`` that it is given.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable, Coroutine
from contextlib import nullcontext
from contextvars import Context
from functools import partial
from typing import Any

from ..documents import Keeper, SaveResult, SaveStatus, Visit
from ..errors import (
    DocumentError,
    DocumentUnavailable,
    MessageTooLarge,
    RtcError,
)
from ..ids import Epoch, ParticipantId, RoomId, room_kind
from ..notices import Announce, Notice, NoticeKind, unheard
from ..protocol import messages as m
from ..protocol.bounds import Limits
from ..store.detour import Detour
from ..store.log import Log
from .attempts import Attempts
from .closing import Closing
from .containment import Fail, contained, harmless, logged, within
from .live import LiveDocument
from .member import Member
from .open_room import OpenRoom, Phase, Seat, Visitor
from .opening import Opening
from .outbox import Link, Outbox
from .pump import Pump
from .ready import SaveAsked
from .room_status import room_status, visits
from .settings import HubSettings
from .upkeep import Upkeep
from .way_back import WayBack

_log = logging.getLogger(__name__)


class Hub:
    """All open rooms."""

    def __init__(
        self,
        log: Log,
        keeper_of: Callable[[RoomId], Keeper | None],
        *,
        now: Callable[[], float],
        announce: Announce = unheard,
        settings: HubSettings | None = None,
        limits: Limits | None = None,
    ) -> None:
        """Make a hub; nothing runs before ``start``.

        Args:
            log: where histories are kept; opened and closed by the caller.
            keeper_of: gives the keeper of a room that opens; None for a room behind which nothing stands.
            now: a clock in seconds that never goes back.
            announce: is told what happens.
            settings: what an administrator chose.
            limits: bounds on foreign bytes.

        """
        self._now = now
        self._announce = announce = harmless(announce, "One that listens to what happens failed.")
        self.settings = settings or HubSettings()
        self._rooms: dict[RoomId, OpenRoom] = {}
        self._next_id = itertools.count(1)
        self._tasks: asyncio.TaskGroup | None = None
        self._runner: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self._early: list[Coroutine[Any, Any, None]] = []
        """Work that was asked for before ``start``: a server listens a moment before its extensions run."""
        self._log = Detour(log)
        self._pump = Pump(self._log, announce, now, refuse=self.refuse, save=self._start_save, fail=self._room_failed)
        self._attempts = Attempts(self._log, announce, self.settings.load_attempts, now)
        self._opening = Opening(self._log, keeper_of, self._pump, announce, now, limits or Limits())
        self._upkeep = Upkeep(
            self._log,
            self.settings,
            spawn=self._spawn,
            refuse=self.refuse,
            fail=self._room_failed,
            close_room=self._close_room,
        )
        self._way_back = WayBack(self._log, announce, spawn=self._spawn, close_room=self._close_room)
        self._closing = Closing(self._pump, self._way_back, announce, now, leave=self.leave, forget=self._forget)

    # --- life -------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Begin to serve."""
        started = asyncio.Event()
        self._runner = asyncio.create_task(self._run(started), name="jupyter_rtc hub")
        await started.wait()

    async def close(self) -> None:
        """Save and close all rooms, then end every task. May be called twice."""
        if self._runner is None:
            self._stopping.set()
            return
        await asyncio.gather(*(self._close_room(place) for place in list(self._rooms.values())))
        self._stopping.set()
        await self._runner
        self._runner = None

    async def _run(self, started: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            for work in self._early:
                tasks.create_task(work)
            self._early.clear()
            endless = [tasks.create_task(self._pump.run()), tasks.create_task(self._tick_forever())]
            started.set()
            await self._stopping.wait()
            for task in endless:
                task.cancel()
        self._tasks = None

    def _spawn(self, work: Coroutine[Any, Any, None], fail: Fail) -> None:
        if self._tasks is not None:
            # In nobody's context: else a room would keep the request in which it was opened, as long as it is open.
            Context().run(self._tasks.create_task, within(work, fail))
        elif not self._stopping.is_set():
            self._early.append(within(work, fail))
        else:
            work.close()
            raise DocumentUnavailable("The server is stopping; open the document again in a moment.")

    # --- what participants do ---------------------------------------------------------------------------

    def join(self, room: RoomId, link: Link, visitor: Visitor) -> Seat:
        """Seat a participant; it is served as soon as the room is ready.

        Raises:
            DocumentError: no room can have this address, or the server is stopping.

        """
        place = self._place(room)
        outbox = Outbox(link, self.settings.outbox_bytes, lambda state: self._resync(seat, state))
        seat = Seat(ParticipantId(next(self._next_id)), place, visitor, outbox, heard=self._now())
        outbox.last_write = seat.asked = seat.heard
        place.seats[seat.id] = seat
        if place.phase in (Phase.SHOWN, Phase.READY):
            with contained(partial(self._room_failed, place)):
                self._admit(seat)
        return seat

    def receive(self, seat: Seat, data: bytes | str) -> None:
        """Take what a participant says."""
        seat.heard = self._now()
        if seat.room.phase is Phase.LOADING:
            self._keep_for_later(seat, data)
        elif seat.room.room is not None:
            seat.room.room.receive(seat.id, data, seat.heard)

    def leave(self, seat: Seat) -> None:
        """Take a participant's seat away. Leaving twice is the same as leaving once."""
        place = seat.room
        if place.seats.pop(seat.id, None) is None:
            return
        seat.outbox.discard()
        if seat.question is not None:
            seat.question.cancel()
        if place.room and seat.id in place.room.members:
            place.room.leave(seat.id, self._now())
            self._announce(Notice(NoticeKind.LEFT, place.id, username=seat.visitor.identity.username))
        place.idle_since = self._now()

    def refuse(self, seat: Seat, error: RtcError) -> None:
        """Close one participant because of what it did, or holds."""
        self._announce(Notice(NoticeKind.REFUSED, seat.room.id, error.words, username=seat.visitor.identity.username))
        seat.outbox.close(error)
        self.leave(seat)

    # --- what the server's own participants do ----------------------------------------------------------

    async def open(self, room: RoomId) -> LiveDocument:
        """Open the room's document, loading it if nobody has it open."""
        place = self._place(room)
        place.holders += 1
        try:
            await asyncio.shield(place.loaded)
        except BaseException:
            place.holders -= 1
            raise
        return self._opening.document(place, self._release)

    async def epoch(self, room: RoomId) -> Epoch:
        """Return the identity of the room's history, loading the room if nobody has it open."""
        place = self._place(room)
        await asyncio.shield(place.shown)
        assert place.epoch is not None
        return place.epoch

    def is_open(self, room: RoomId) -> bool:
        """Whether the room is open here."""
        return room in self._rooms

    @property
    def open_rooms(self) -> list[RoomId]:
        """The rooms that are open here."""
        return list(self._rooms)

    def visits(self) -> list[Visit]:
        """Return all connections that are served."""
        return [visit for place in self._rooms.values() for visit in visits(place)]

    async def renew(self, room: RoomId) -> None:
        """Close a room; who was in it comes back to one that is opened anew. Without a log, its history is new too."""
        if room in self._rooms:
            await self._close_room(self._rooms[room])

    def status(self) -> dict[str, Any]:
        """Return what an administrator wants to see; no content."""
        return {
            "store_failing": self._pump.store_failing or bool(self._log.rooms_around or self._log.unkept),
            "rooms": [room_status(place) for place in self._rooms.values()],
        }

    # --- time -------------------------------------------------------------------------------------------

    async def _tick_forever(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            await within(self.tick(), logged("A look at the rooms failed; the next one comes in a second."))

    async def tick(self) -> None:
        """Let time pass: departures, life signs, slow participants, a failing log, rooms to be freed."""
        now = self._now()
        places = [place for place in self._rooms.values() if place.phase is Phase.READY]
        await self._pump.retry_store(places)
        await self._attempts.settle_rest()
        self._way_back.look_at(places, now)
        self._upkeep.look_at(places, now)

    # --- opening ----------------------------------------------------------------------------------------

    def _place(self, room: RoomId) -> OpenRoom:
        """Return the room's place, and begin to load it if it is not open."""
        place = self._rooms.get(room)
        if place is not None and place.closed is None:
            return place
        kind = room_kind(room)
        if kind is None:
            raise DocumentError("No document has this address.")
        fresh = OpenRoom(room, _outcome(), _outcome(), logged=kind.is_logged, idle_since=self._now())
        self._spawn(self._load(fresh, after=place.closed if place else None), partial(self._load_broke, fresh))
        self._rooms[room] = fresh
        return fresh

    async def _load(self, place: OpenRoom, after: asyncio.Future[None] | None) -> None:
        begun = self._now()
        try:
            if after is not None:
                await asyncio.shield(after)
            async with self._attempts.attempt(place.id) if place.logged else nullcontext():
                await self._opening.fill(place)
                self._show(place)
                await self._opening.record(place)
        except RtcError as error:
            await self._load_failed(place, error)
        else:
            self._announce(Notice(NoticeKind.ROOM_OPENED, place.id, seconds=self._now() - begun))
            self._serve(place)

    def _show(self, place: OpenRoom) -> None:
        place.phase = Phase.SHOWN
        if not place.shown.done():
            place.shown.set_result(None)
        for seat in list(place.seats.values()):
            self._admit(seat)

    def _serve(self, place: OpenRoom) -> None:
        place.phase = Phase.READY
        place.idle_since = self._now()
        if not place.loaded.done():
            place.loaded.set_result(None)
        self._pump.wake(place)

    def _load_broke(self, place: OpenRoom, error: BaseException) -> None:
        """Give up a room in whose opening something unforeseen happened."""
        _log.error("Room %s could not be loaded", place.id, exc_info=error)
        reason = DocumentError("The server met an error of its own while it opened this document.")
        reason.__cause__ = error
        self._spawn(self._load_failed(place, reason), logged("A room that could not be opened could not be closed."))

    async def _load_failed(self, place: OpenRoom, error: RtcError) -> None:
        place.failure = error
        self._announce(Notice(NoticeKind.ROOM_FAILED, place.id, error.words))
        for outcome in (place.shown, place.loaded):
            if not outcome.done():
                outcome.set_exception(error)
        await self._closing.close(place)

    # --- seating ----------------------------------------------------------------------------------------

    def _admit(self, seat: Seat) -> None:
        place, visitor = seat.room, seat.visitor
        assert place.room is not None
        if visitor.epoch is not None and visitor.epoch != place.epoch:
            self.refuse(seat, self._opening.mismatch(place))
            return
        claimed = visitor.epoch is not None
        member = Member(visitor.identity, visitor.standing, visitor.speaks_ours, claimed, visitor.may)
        place.room.join(seat.id, member)
        self._announce(Notice(NoticeKind.JOINED, place.id, username=visitor.identity.username))
        backlog, seat.backlog, seat.backlog_bytes = seat.backlog, [], 0
        for data in backlog:
            place.room.receive(seat.id, data, seat.heard)

    def _keep_for_later(self, seat: Seat, data: bytes | str) -> None:
        seat.backlog.append(data)
        seat.backlog_bytes += len(data)
        if seat.backlog_bytes > self.settings.backlog_bytes:
            self.refuse(seat, MessageTooLarge("Too much was sent before the document was open."))

    def _resync(self, seat: Seat, state: bytes) -> None:
        if seat.room.room and seat.id in seat.room.seats:
            with contained(partial(self._room_failed, seat.room)):
                seat.room.room.resync(seat.id, state)
            self._announce(Notice(NoticeKind.RESYNCED, seat.room.id, username=seat.visitor.identity.username))

    def _release(self, place: OpenRoom) -> None:
        place.holders -= 1
        place.idle_since = self._now()

    # --- saving and closing -----------------------------------------------------------------------------

    def _start_save(self, place: OpenRoom, asked: SaveAsked) -> None:
        self._spawn(self._save(place, asked), partial(self._room_failed, place))

    async def _save(self, place: OpenRoom, asked: SaveAsked) -> None:
        result = SaveResult(SaveStatus.SUCCESS)
        if place.keeper is not None:
            try:
                result = await place.keeper.save()
            except Exception:  # noqa: BLE001  a save that fails is answered, whatever failed
                _log.exception("Saving room %s failed", place.id)
                result = SaveResult(SaveStatus.FAILED, "The server met an error of its own while saving.")
        if place.room:
            place.room.answer(asked.participant, m.SaveReply(asked.save_id, result.status.value))
            if result.status is SaveStatus.FAILED:
                place.room.tell(m.Problem("not_saved", result.words))

    def _room_failed(self, place: OpenRoom, error: BaseException) -> None:
        """End a room in which something unforeseen happened; its participants come back to a new one."""
        if place.failure is not None:
            return
        place.failure = _RoomFailed("The server met an error of its own in this document and opens it anew.")
        _log.error("Room %s failed and is closed", place.id, exc_info=error)
        self._announce(Notice(NoticeKind.ROOM_FAILED, place.id, place.failure.words))
        if place.phase in (Phase.SHOWN, Phase.READY):
            self._spawn(self._close_room(place), logged("A room that failed could not be closed."))

    async def _close_room(self, place: OpenRoom) -> None:
        if not place.loaded.done():
            await asyncio.wait([place.loaded])
        if place.phase is Phase.READY:
            await self._closing.close(place)
        elif place.closed:
            await asyncio.shield(place.closed)

    def _forget(self, place: OpenRoom) -> None:
        if self._rooms.get(place.id) is place:
            del self._rooms[place.id]


class _RoomFailed(RtcError):
    """The room met an error that nobody foresaw."""

    code = "room_failed"


def _outcome() -> asyncio.Future[None]:
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    future.add_done_callback(_retrieve)
    return future


def _retrieve(future: asyncio.Future[None]) -> None:
    """Look at a future's exception, so that a room that nobody awaits does not complain."""
    if not future.cancelled():
        future.exception()
