"""What happens here that somebody outside may want to know: logs, metrics, JupyterLab's events.

Parts announce a ``Notice`` to the one callable they were given; ``app`` connects it to whoever listens. A
notice carries words that may be shown to a user: no content, no secret, no machine path. This module
decides nothing and keeps nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from .ids import RoomId


class NoticeKind(Enum):
    """What happened."""

    ROOM_OPENED = "room opened"
    ROOM_FAILED = "room failed"
    ROOM_CLOSED = "room closed"
    JOINED = "joined"
    LEFT = "left"
    MET = "met"
    """A Yjs client came or went in a room, or belongs to another connection."""
    REFUSED = "refused"
    """A participant's message was refused; its sender was told."""
    RESYNCED = "resynced"
    """A slow participant's queue was dropped, and it was brought up to date from its state vector."""
    LOADED = "loaded"
    SAVED = "saved"
    SAVE_FAILED = "save failed"
    SAVE_RECOVERED = "save recovered"
    """A file that could not be written can be again, or is back."""
    MERGED = "merged"
    """The file changed outside, and the change joined the document."""
    CONFLICT = "conflict"
    """File and document changed the same place; both texts were kept."""
    MOVED = "moved"
    DELETED = "deleted"
    STORE_FAILED = "store failed"
    STORE_RECOVERED = "store recovered"
    OUTPUT_LOST = "output lost"
    """An output came after its cell had ended, and its document could not be opened any more."""
    HISTORY_RESTARTED = "history restarted"
    """The room's history could not be used; a new one began, and participants must reload."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that happened."""

    kind: NoticeKind
    room: RoomId | None = None
    words: str = ""
    path: str | None = None
    """The file's path, as the contents manager names it."""
    former: str | None = None
    """The path that a file had which was moved."""
    username: str | None = None
    seconds: float | None = None
    """How long it took, where that is of interest."""


Announce = Callable[[Notice], None]


def unheard(notice: Notice) -> None:
    """Announce to nobody."""
