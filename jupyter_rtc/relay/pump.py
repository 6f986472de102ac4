"""Append, then send: does what the rooms' ``Ready`` values ask for, in their order.

Everything that happened since the last pass, in all rooms, is one commit in the log and one write per
participant. Nothing waits for a timer: a pass begins as soon as the event loop gets to it, so a single
keystroke is not delayed, and a burst is joined by itself.

Where the log cannot be written, editing goes on: changes are sent, kept for the log, and appended as soon as that works
again; meanwhile nobody is told «stored», and people are told in words that it is not. The pump decides nothing about
rooms; a room in which something unforeseen happens is handed to ``fail``, and the others go on.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial

from ..documents import Origin
from ..errors import ParticipantError, StoreCorrupt, StoreError, StoreUnavailable
from ..ids import ParticipantId
from ..notices import Announce, Notice, NoticeKind
from ..protocol.codec import encode
from ..protocol.messages import Problem, Stored, Update
from ..store.detour import Detour
from ..store.log import Append, Entry
from .containment import contained, logged, within
from .late_marks import fold, mark_late
from .open_room import OpenRoom, Seat
from .outbox import websocket_frame
from .ready import Letter, Ready, SaveAsked
from .way_back import UNKEPT, UNKEPT_BRIEF, lead_around

STORE_RETRY = 1.0
"""Seconds between attempts to write a log that failed: a full disk is not asked at each keystroke."""

BATCH_BYTES = 2**20
"""Bytes of a document's beginning that are written at a time."""

MAX_UNSTORED_BYTES = 8 * 2**20
"""Bytes of changes kept one by one for a log that fails; above it the whole document stands for them."""

STORED_AGAIN = "Changes are stored again."


class Pump:
    """Does the rooms' I/O."""

    def __init__(
        self,
        log: Detour,
        announce: Announce,
        now: Callable[[], float],
        *,
        refuse: Callable[[Seat, ParticipantError], None],
        save: Callable[[OpenRoom, SaveAsked], None],
        fail: Callable[[OpenRoom, BaseException], None],
    ) -> None:
        self._log = log
        self._announce = announce
        self._now = now
        self._refuse = refuse
        self._save = save
        self._fail = fail
        self._due: dict[OpenRoom, None] = {}
        self._awake = asyncio.Event()
        self._passing = asyncio.Lock()
        self._passes: set[asyncio.Task[None]] = set()
        """Those that somebody waits for, or has."""
        self._retry_at: float | None = None
        self._failure = ""
        """Why the log could not be written last, in words."""

    @property
    def store_failing(self) -> bool:
        """Whether the log cannot be written at present."""
        return self._retry_at is not None

    def wake(self, place: OpenRoom) -> None:
        """Note that there is something to do for a room."""
        self._due[place] = None
        self._awake.set()

    async def run(self) -> None:
        """Pass again and again, until cancelled."""
        while True:
            await self._awake.wait()
            await within(self._pass(), logged("A pass of the relay failed; the next one begins as usual."))

    async def flush(self) -> None:
        """Do everything that is due now; when it returns, it is in the log (or kept for it) and sent.

        Who waits for it may be cancelled: a pass is all rooms', and comes to its end.
        """
        passing = asyncio.create_task(self._pass())
        self._passes.add(passing)
        passing.add_done_callback(self._passes.discard)
        await asyncio.shield(passing)

    async def _pass(self) -> None:
        async with self._passing:
            self._awake.clear()
            due = [place for place in self._due if not _must_wait(place)]
            for place in due:
                del self._due[place]
            work: list[tuple[OpenRoom, Ready]] = []
            for place in due:
                with contained(partial(self._fail, place)):
                    work += [(place, _take(place))] if place.room else []
            for place in [place for place, _ in work if place.damage_found]:
                await within(lead_around(self._log, place, self._now()), partial(self._fail, place))
            await self._store([place for place, _ in work])
            for place, ready in work:
                self._deliver_contained(place, ready)

    async def record(self, place: OpenRoom, entries: list[Entry]) -> bool:
        """Append what a room's document was filled with, bit by bit; return whether it is in the log.

        Between the bits the changes of other rooms get their turn.
        """
        for batch in (batches := _batches(entries)):
            failing = self._retry_at is not None and self._now() < self._retry_at
            if failing:
                place.unstored += batch
                self._tell_failing(place)
            if failing or await self._append([(place, batch)]) is not None:
                place.unstored += [entry for rest in batches for entry in rest]
                return False
        return True

    async def retry_store(self, places: list[OpenRoom]) -> None:
        """Try to write what a failing log has not taken yet."""
        is_due = self._retry_at is not None and self._now() >= self._retry_at
        if is_due or any(place.late_marks for place in places):
            async with self._passing:
                await self._store([place for place in places if is_due and place.unstored])
                for place in places:
                    await self._mark_late(place)

    async def _store(self, places: list[OpenRoom]) -> None:
        """Append the rooms' unstored changes, if the log takes them."""
        places = [place for place in places if place.unstored]
        if not places:
            return
        if self._retry_at is not None and self._now() < self._retry_at:
            _bound(places)
            for place in places:
                self._tell_failing(place)
            return
        batch = [(place, place.unstored) for place in places]
        for place in places:
            place.unstored = []
        failed = await self._append(batch)
        if failed is None and not all(self._log.leads(place.id) for place in places):
            self._recovered()

    async def _append(self, batch: list[tuple[OpenRoom, list[Entry]]]) -> StoreError | None:
        """Append as one commit; where that fails, room by room, so that one room cannot harm another."""
        try:
            await self._write([_append_of(place, entries) for place, entries in batch])
        except StoreError as error:
            if len(batch) > 1:
                failures = [await self._append([one]) for one in batch]
                return next((failure for failure in failures if failure), None)
            place, entries = batch[0]
            place.unstored = entries + place.unstored
            self._failed(place, error)
            return error
        for place, entries in batch:
            place.log_rows += len(entries)
            place.log_bytes += sum(len(entry.update) for entry in entries)
            await self._mark_late(place)
            self._tell_stored(place)
        return None

    async def _mark_late(self, place: OpenRoom) -> None:
        with contained(logged(f"Setting the late marks of room {place.id} failed")):
            try:
                await mark_late(self._log, place)
            except StoreError:
                return  # it is tried again with the next change, and at the next tick

    async def _write(self, appends: list[Append]) -> None:
        """Append; a log that raises what it may not counts as one that cannot be written now."""
        unforeseen: list[BaseException] = []
        with contained(unforeseen.append):
            await self._log.append(appends)
        for error in unforeseen:
            if isinstance(error, StoreError):
                raise error
            logged("The log failed in a way that it may not.")(error)
            raise StoreUnavailable("The log met an error of its own.") from error

    def _failed(self, place: OpenRoom, error: StoreError) -> None:
        if isinstance(error, StoreCorrupt) and place.around is None:
            if not place.damage_found:
                self._failure = place.damage_found = error.words
                self._announce(Notice(NoticeKind.STORE_FAILED, place.id, error.words))
                self._tell_failing(place)
            self.wake(place)
            return
        if not isinstance(error, StoreUnavailable):
            self._fail(place, error)  # this room's log, not the disk
            return
        if self._retry_at is None:
            self._announce(Notice(NoticeKind.STORE_FAILED, place.id, error.words))
        self._failure = error.words
        self._tell_failing(place)
        self._retry_at = self._now() + STORE_RETRY

    def _recovered(self) -> None:
        if self._retry_at is not None:
            self._retry_at = None
            self._announce(Notice(NoticeKind.STORE_RECOVERED, words=STORED_AGAIN))

    def _tell_failing(self, place: OpenRoom) -> None:
        """Tell the people in a room, once, that what they write is not stored."""
        if place.room is not None and not place.failing and self._log.keeps(place.id):
            place.failing = f"{self._failure} {UNKEPT}"
            place.room.tell(Problem("store failing", place.failing), lasts=True, brief=UNKEPT_BRIEF)

    def _tell_stored(self, place: OpenRoom) -> None:
        if place.failing and place.room is not None:
            place.failing = ""
            place.room.tell(Problem("store recovered", STORED_AGAIN), lasts=False)
        if place.owed:
            self.wake(place)

    def _deliver_contained(self, place: OpenRoom, ready: Ready) -> None:
        with contained(partial(self._fail, place)):
            self._deliver(place, ready)
        for words, error in ready.faults:
            logged(f"Room {place.id}: {words}")(error)
        if ready.failure is not None:
            self._fail(place, ready.failure)

    def _deliver(self, place: OpenRoom, ready: Ready) -> None:
        now = self._now()
        mails = _mails(ready)
        if place.owed and not place.unstored and (self._log.keeps(place.id) or not place.logged):
            for who in place.owed:
                mails[who].kept.append(encode(Stored(place.owed_state)))
            place.owed.clear()
        common, of_authors = _broadcasts(ready)
        for seat in place.seats.values():
            data = of_authors.get(seat.id, common)
            if seat.id in mails:
                mail = mails[seat.id]
                # A newcomer needs the answer first: with it, they have what the changes were made beside. Who has the
                # document needs the changes first: an answer that covers them says less of what was typed too late.
                letters, kept = _frames(mail.first), _frames(mail.kept)
                if mail.updates:
                    seat.outbox.put(letters, kept, b"", now)
                    seat.outbox.feed(_update_frames(mail.updates), now)
                    letters, kept = _frames(mail.then), b""
                both = data + letters if seat.outbox.in_step else letters + data
                seat.outbox.put(both, kept, ready.state, now, answers=mail.answers)
            elif data:
                seat.outbox.put(data, b"", ready.state, now)
        self._act(place, ready)

    def _act(self, place: OpenRoom, ready: Ready) -> None:
        for who, error in ready.close:
            if seat := place.seats.get(who):
                self._refuse(seat, error)
        for who, words in ready.refused:
            if seat := place.seats.get(who):
                self._announce(_refusal(place, seat, words))
        if ready.met:
            self._announce(Notice(NoticeKind.MET, place.id))
        for asked in ready.saves:
            self._save(place, asked)
        self.tell_watchers(place, ready.changed)

    def tell_watchers(self, place: OpenRoom, origins: Iterable[Origin]) -> None:
        """Tell those inside the server who changed the document."""
        for origin in origins:
            for changed in tuple(place.watchers):
                with contained(logged(f"A watcher of room {place.id} failed")):  # its fault is not the room's
                    changed(origin)


def _must_wait(place: OpenRoom) -> bool:
    """Whether a room's changes must wait for its beginning to be in the log; the hub wakes it then."""
    return place.room is not None and place.room.has_changes and not place.begun


def _batches(entries: list[Entry]) -> Iterator[list[Entry]]:
    """Divide entries, so that writing each part takes a few milliseconds."""
    batch, size = list[Entry](), 0
    for entry in entries:
        if batch and size + len(entry.update) > BATCH_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += len(entry.update)
    if batch:
        yield batch


def _take(place: OpenRoom) -> Ready:
    assert place.room is not None
    ready = place.room.take()
    if place.damage_found:
        place.unstored, place.late_marks = [_whole(place)], {}
    elif place.logged:
        place.unstored += ready.append
    if wrote := place.room.take_acknowledged():
        place.owed.update(wrote)
        place.owed_state = ready.state
    return ready


def _append_of(place: OpenRoom, entries: list[Entry]) -> Append:
    assert place.room is not None
    return Append(place.id, place.room.epoch, entries)


def _bound(places: list[OpenRoom]) -> None:
    """Keep what waits for the log small: the whole document stands for many changes."""
    for place in places:
        if place.room and sum(len(entry.update) for entry in place.unstored) > MAX_UNSTORED_BYTES:
            fold(place, _whole(place))


def _whole(place: OpenRoom) -> Entry:
    """Return the one entry that stands for all changes, when nothing of the room is left to be taken."""
    assert place.room is not None
    return Entry(place.room.changes.revision, place.room.doc.get_update())


@dataclass(slots=True)
class _Mail:
    """One participant's own messages."""

    first: list[bytes] = field(default_factory=list)
    updates: list[bytes] = field(default_factory=list)
    """What comes next, a few at a time."""
    then: list[bytes] = field(default_factory=list)
    kept: list[bytes] = field(default_factory=list)
    """What must not be dropped."""
    answers: bool = False

    def add(self, letter: Letter) -> None:
        if letter.keep:
            self.kept.append(letter.message)
            return
        self.answers |= letter.answers
        self.updates += letter.after
        (self.then if self.updates else self.first).append(letter.message)


def _mails(ready: Ready) -> defaultdict[ParticipantId, _Mail]:
    mails: defaultdict[ParticipantId, _Mail] = defaultdict(_Mail)
    for letter in ready.send:
        mails[letter.to].add(letter)
    return mails


def _update_frames(updates: list[bytes]) -> Iterator[bytes]:
    return (websocket_frame(encode(Update(update))) for update in updates)


def _frames(messages: list[bytes]) -> bytes:
    return b"".join([websocket_frame(message) for message in messages])


def _broadcasts(ready: Ready) -> tuple[bytes, dict[ParticipantId, bytes]]:
    """Return the frames for everybody, and for each who wrote: all but what they wrote themselves."""
    frames, at = list[bytes](), 0
    own: defaultdict[ParticipantId, list[tuple[int, int]]] = defaultdict(list)
    for one in ready.broadcast:
        frame = websocket_frame(one.message)
        if one.author is not None and not one.echo:
            own[one.author].append((at, at + len(frame)))
        frames.append(frame)
        at += len(frame)
    common = b"".join(frames)
    return common, {who: _without(common, places) for who, places in own.items()}


def _without(common: bytes, places: list[tuple[int, int]]) -> bytes:
    begins, ends = [0, *(end for _, end in places)], [*(begin for begin, _ in places), len(common)]
    return b"".join([common[begin:end] for begin, end in zip(begins, ends, strict=True)])


def _refusal(place: OpenRoom, seat: Seat, words: str) -> Notice:
    return Notice(NoticeKind.REFUSED, place.id, words, username=seat.visitor.identity.username)
