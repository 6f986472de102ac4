"""A room while it is open here, and the seats in it: plain state, owned by the hub.

Nothing is decided here. The hub changes the phase, the pump empties ``unstored``, and both run on the event
loop's thread.
"""

from __future__ import annotations

import asyncio
from asyncio import Future
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from ..documents import Keeper, Origin
from ..errors import RtcError
from ..ids import Epoch, ParticipantId, RoomId
from ..store.log import Entry, StoredMark
from .outbox import Outbox
from .presence import Identity
from .room import Room
from .session import Standing


@dataclass(slots=True)
class Around:
    """That a room's history is led around the store."""

    words: str
    """Why, for people."""
    due: float
    """When to try to bring it back, by the hub's clock."""
    delay: float = 1.0
    """Seconds to wait after the next failure."""
    trying: bool = False


@dataclass(frozen=True, slots=True)
class Postponed:
    """That shortening a room's history failed."""

    words: str
    until: float
    """When to try again, by the hub's clock, if it has not grown as much again before."""
    delay: float
    rows: int
    """How many changes it had then."""


class Phase(Enum):
    """Where a room's life stands."""

    LOADING = "loading"
    SHOWN = "shown"
    """The document is there, and who looks at it sees it; no change is sent yet, for its beginning is not logged."""
    READY = "ready"
    FAILED = "failed"
    """It could not be filled; nothing of it goes into the log."""
    CLOSING = "closing"


async def _nothing(_action: str, _resource: str) -> bool:
    """Allow nothing: nobody said whom to ask."""
    return False


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who connects, and what they ask for."""

    identity: Identity
    standing: Standing
    """READING or WRITING, as the user's permission is."""
    speaks_ours: bool = False
    epoch: Epoch | None = None
    """The history that the participant says it holds; None if it holds none yet."""
    may: Callable[[str, str], Awaitable[bool]] = _nothing
    """Asks whether the user may do an action on a resource of Jupyter's authorizer."""


@dataclass(slots=True, eq=False)
class Seat:
    """One participant's place in a room."""

    id: ParticipantId
    room: OpenRoom
    visitor: Visitor
    outbox: Outbox
    backlog: list[bytes | str] = field(default_factory=list)
    """What it said while the room was loading."""
    backlog_bytes: int = 0
    heard: float = 0.0
    """When it last said anything, by the hub's clock."""
    asked: float = 0.0
    """When its user's permission was last asked for."""
    question: asyncio.Task[None] | None = None
    """Asks for it, while the answer is waited for."""


@dataclass(slots=True, eq=False)
class OpenRoom:
    """A room while it is open here."""

    id: RoomId
    shown: Future[None]
    """Done when the document is there; with the reason as its exception if it failed."""
    loaded: Future[None]
    """Done when the room is ready; with the reason as its exception if it failed."""
    logged: bool
    """Whether it has a log; a room of presence only has none, nor has one that the server fills anew."""
    phase: Phase = Phase.LOADING
    epoch: Epoch | None = None
    room: Room | None = None
    keeper: Keeper | None = None
    seats: dict[ParticipantId, Seat] = field(default_factory=dict)
    holders: int = 0
    """How many participants inside the server hold the document."""
    idle_since: float = 0.0
    """Since when nobody looks, by the hub's clock; of no meaning while somebody does."""
    closed: Future[None] | None = None
    """Set while the room closes; done when it is gone."""
    failure: RtcError | None = None
    """Why it is closed, if it could not be opened or something unforeseen happened in it."""
    filled: bool = False
    """Whether its document has everything that it was to be opened with."""
    beginning: list[Entry] = field(default_factory=list)
    """What its document was filled with, until that is in the log."""
    first_marks: dict[str, StoredMark | None] = field(default_factory=dict)
    """The marks of that, until then."""
    unstored: list[Entry] = field(default_factory=list)
    """Changes that are not in the log yet."""
    late_marks: dict[str, StoredMark | None] = field(default_factory=dict)
    """Marks that the log did not take; it is to take them when it has the changes before them."""
    failing: str = ""
    """In words, why changes are not stored, as its people were told; empty if they are."""
    owed: set[ParticipantId] = field(default_factory=set)
    """Who wrote, and waits to be told that it is stored."""
    owed_state: bytes = b""
    """The state vector of the document after what they wrote."""
    watchers: list[Callable[[Origin], None]] = field(default_factory=list)
    marks: dict[str, StoredMark] = field(default_factory=dict)
    """The marks that the log has of this room."""
    log_bytes: int = 0
    """Bytes in the log above the newest snapshot."""
    log_rows: int = 0
    snapshot_bytes: int = 0
    compacting: bool = False
    postponed: Postponed | None = None
    """Set while its history could not be shortened."""
    around: Around | None = None
    """Set while its history is in memory only, because the store cannot take it."""
    damage_found: str = ""
    """In words, damage of its history in the store that was found while it is open, until it is led around that."""
    mended: bool = False
    """Whether its history was written anew once because of that."""
    damage: str = ""
    """In words, what of its history could not be used when it was opened."""

    def keep(self, marks: Mapping[str, StoredMark | None]) -> None:
        """Note that the log has these marks, and none of those given as None."""
        for name, mark in marks.items():
            if mark is None:
                self.marks.pop(name, None)
            else:
                self.marks[name] = mark

    @property
    def begun(self) -> bool:
        """Whether its beginning is in the log, so that changes may follow."""
        return self.phase not in (Phase.LOADING, Phase.SHOWN)

    @property
    def deserted(self) -> bool:
        """Whether nobody looks at it."""
        return not self.seats and not self.holders
