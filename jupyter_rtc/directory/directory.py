"""What this server has, and what it is asked to do: builds what tells and answers, starts it, and ends it.

``app`` builds one, gives its ``keeper`` to the relay, starts it after the relay, and closes it before.
"""

from __future__ import annotations

from typing import Any

from ..documents import Document, Documents, Keeper
from ..ids import RoomId, RoomKind, room_kind
from ..notices import Notice
from ..supernode.clock import Clock, SystemClock
from ..tables.jupyter import ASKING
from .answering import Answering
from .board import Board
from .kept import RequestsKeeper
from .kernel_requests import KernelRequests
from .kernels import KernelTable
from .request import Request, requests_of


class Directory:
    """The tables of the room ``jupyter``, and the rooms ``requests``."""

    def __init__(self, server: Any, documents: Documents, clock: Clock | None = None) -> None:
        """Tell of this server, a ``ServerApp``; nothing is started."""
        self._clock = clock or SystemClock()
        self._board = Board(documents, self._clock)
        self._kernels = KernelTable(server.kernel_manager, server.event_logger)
        self.requests: dict[str, Request] = requests_of(KernelRequests(server.kernel_manager))

    async def start(self) -> None:
        """Begin to tell."""
        self._kernels.start(self._board.show("kernels", self._kernels.rows))
        await self._board.open()

    async def close(self) -> None:
        """End."""
        await self._kernels.close()
        await self._board.close()

    def hear(self, notice: Notice) -> None:
        """Take note of what happens in the relay."""
        self._board.hear(notice)

    def keeper(self, room: RoomId) -> Keeper | None:
        """Return what stands behind a user's room of requests; None for another kind of room."""
        if room_kind(room) is not RoomKind.REQUESTS:
            return None
        return RequestsKeeper(self._answering)

    def _answering(self, document: Document) -> Answering:
        return Answering(document, ASKING, self.requests, self._clock)
