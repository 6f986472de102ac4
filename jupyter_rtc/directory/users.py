"""The table ``users``: who is here, with which connections, in which documents.

It is what the relay knows: whoever is connected to any room is here. Rooms of the server's own are no documents.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..documents import Visit
from ..ids import RoomKind, room_kind
from ..notices import Notice, NoticeKind
from .board import Rows
from .values import text

CROWD = 0.05
"""Seconds within which it is shown who came and went: when a server was away, all come back at once."""
NEWS = (NoticeKind.JOINED, NoticeKind.LEFT, NoticeKind.MET)
DOCUMENTS = (RoomKind.FILE, RoomKind.APPLICATION)


class UserTable:
    """Says what is in the table."""

    def __init__(self, visits: Callable[[], Iterable[Visit]]) -> None:
        """Say who makes these visits."""
        self._visits = visits
        self._look: Callable[[float], None] | None = None

    def start(self, look: Callable[[float], None]) -> None:
        """Say from now on when to look again."""
        self._look = look

    def hear(self, notice: Notice) -> None:
        """Take note of who comes and goes."""
        if self._look is not None and notice.kind in NEWS:
            self._look(CROWD)

    async def rows(self) -> Rows:
        """Return the table."""
        found: dict[str, list[Visit]] = {}
        for visit in self._visits():
            username = text(visit.user.get("username"))
            if username:
                found.setdefault(username, []).append(visit)
        return {username: _row(visits) for username, visits in found.items()}


def _row(visits: list[Visit]) -> dict[str, Any]:
    user = visits[-1].user
    return {
        "name": text(user.get("name")),
        "display_name": text(user.get("display_name")),
        "initials": text(user.get("initials")) or None,
        "color": text(user.get("color")) or None,
        "avatar_url": text(user.get("avatar_url")) or None,
        "sessions": sorted({client for visit in visits for client in visit.clients}),
        "documents": sorted({visit.room for visit in visits if room_kind(visit.room) in DOCUMENTS}),
    }
