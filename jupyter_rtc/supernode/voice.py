"""What is said about one file: to everyone who has it open, to logs and metrics, and to frontends by ``state``.

It keeps nothing but what was said last about how the file stands; it decides nothing.
"""

from __future__ import annotations

from ..datastore.merge import Merged
from ..documents import Document
from ..ids import RoomId
from ..notices import Announce, Notice, NoticeKind
from .plan import Standing
from .words import BRIEF, words_for

_NOTICES = {Standing.FINE: NoticeKind.SAVE_RECOVERED, Standing.MISSING: NoticeKind.DELETED}


class Voice:
    """Says things about one file."""

    def __init__(self, room: RoomId, announce: Announce) -> None:
        """Say nothing yet."""
        self._room = room
        self._announce = announce
        self.told = Standing.FINE
        """How participants believe that the file stands."""

    def tell(self, document: Document, standing: Standing, path: str, why: str) -> None:
        """Tell everyone how the file stands now."""
        self.told = standing
        words = words_for(standing, path, why)
        document.tell(f"file {standing.value}", words, lasts=standing is not Standing.FINE, brief=BRIEF[standing])
        self.announce(_NOTICES.get(standing, NoticeKind.SAVE_FAILED), path, words)

    def tell_merge(self, document: Document, merged: Merged, path: str) -> None:
        """Tell of a change that was made outside."""
        if merged.changed:
            self.announce(NoticeKind.MERGED, path, f"{path} was changed outside, and the change was taken in.")
        if merged.conflicts:
            words = f"{path} was changed outside at a place that was also changed here. Both texts were kept."
            self.announce(NoticeKind.CONFLICT, path, words)
            document.tell("conflict", words)

    def announce_move(self, former: str, path: str) -> None:
        """Tell that the file is elsewhere now."""
        words = f"The file is now {path}."
        self._announce(Notice(NoticeKind.MOVED, self._room, words, path=path, former=former))

    def announce(self, kind: NoticeKind, path: str, words: str = "", seconds: float | None = None) -> None:
        """Tell logs, metrics and JupyterLab's events."""
        self._announce(Notice(kind, self._room, words, path=path, seconds=seconds))
