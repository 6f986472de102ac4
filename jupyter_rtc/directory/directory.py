"""What this server has, and what it is asked to do: builds what tells and answers, starts it, and ends it.

``app`` builds one, gives its ``keeper`` to the relay, starts it after the relay, and closes it before.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..documents import Author, Document, Keeper, Relay
from ..ids import RoomId, RoomKind, room_kind
from ..notices import Notice, NoticeKind
from ..supernode.clock import Clock, SystemClock
from ..tables.jupyter import ASKING
from .answering import Answering
from .board import SOON, Board, Rows
from .code_requests import CodeRequests, KernelOf
from .contents_requests import ContentsRequests
from .folder_requests import FolderRequests
from .folders import Files, FolderTable
from .kept import RequestsKeeper
from .kernel_requests import KernelRequests
from .kernels import KernelTable
from .kernelspecs import KernelspecTable
from .refresh_requests import RefreshRequests
from .request import Request, requests_of
from .session_requests import SessionRequests
from .sessions import SessionTable
from .status import SLOWLY, StatusTable
from .terminal_requests import TerminalRequests
from .terminals import TerminalTable
from .users import UserTable
from .viewers import Viewers
from .waking import WakingAnswering

DOCUMENTS = (RoomKind.FILE, RoomKind.APPLICATION)
OPENED = (NoticeKind.ROOM_OPENED, NoticeKind.ROOM_CLOSED)
SPECS = 1.0
"""Seconds after a kernel was started within which it is looked at what kinds there are."""


async def _no_kernel(_room: RoomId) -> str | None:
    return None


class Directory:
    """The tables of the room ``jupyter``, and the rooms ``requests``."""

    def __init__(
        self,
        server: Any,
        relay: Relay,
        files: Files,
        version: str,
        *,
        kernel_of: KernelOf = _no_kernel,
        clock: Clock | None = None,
    ) -> None:
        """Tell of this server, a ``ServerApp``, and of this extension's version; nothing is started.

        ``kernel_of`` names a notebook's kernel.
        """
        self._clock = clock or SystemClock()
        self._kernel_of = kernel_of
        self._kernel_manager = server.kernel_manager
        self._relay = relay
        self._board = Board(relay, self._clock)
        self._kernels = KernelTable(server.kernel_manager, server.event_logger)
        self._kernelspecs = KernelspecTable(server.kernel_spec_manager, server.kernel_manager, server.base_url)
        self._sessions = SessionTable(server.session_manager)
        self._status = StatusTable(server, version, lambda: self._kernels.shown, self._count_documents)
        self._terminals = TerminalTable(lambda: server.web_app.settings.get("terminal_manager"))
        self._users = UserTable(relay.visits)
        self._viewers = Viewers(server.kernel_manager, relay.visits, files.path)
        self._folders = FolderTable(server.contents_manager, files, lambda: relay.open_rooms, relay.visits, self._clock)
        show = self._board.show
        self._look_at_contents = show("contents", self._folders.content_rows)
        self._look_at_folders = show("folders", self._folders.folder_rows, after="contents")
        self._look_at_kernels = show("kernels", self._kernel_rows)
        self._look_at_kernelspecs = show("kernelspecs", self._kernelspecs.rows)
        self._look_at_sessions = show("sessions", self._session_rows)
        self._look_at_status = show("status", self._status.rows)
        self._look_at_terminals = show("terminals", self._terminals.rows)
        self._look_at_users = show("users", self._users.rows)
        self.requests: dict[str, Request] = requests_of(
            ContentsRequests(server.contents_manager),
            FolderRequests(self._folders, self._board.refresh),
            KernelRequests(server.kernel_manager),
            RefreshRequests(self._board.refresh),
            SessionRequests(server.session_manager, server.kernel_manager),
            TerminalRequests(
                lambda: server.web_app.settings.get("terminal_manager"), Path(server.root_dir).expanduser()
            ),
        )

    async def start(self) -> None:
        """Begin to tell."""
        self._folders.start(self._look_at_contents, self._look_at_folders)
        self._kernels.start(self._look_at_kernels)
        self._sessions.start(self._look_at_sessions)
        self._terminals.start(self._look_at_terminals)
        self._users.start(self._look_at_users)
        await self._board.open()

    async def close(self) -> None:
        """End."""
        await self._folders.close()
        self._terminals.close()
        self._sessions.close()
        self._viewers.close()
        await self._kernels.close()
        await self._board.close()

    def hear(self, notice: Notice) -> None:
        """Take note of what happens in the relay."""
        self._board.hear(notice)
        self._folders.hear(notice)
        self._sessions.hear(notice)
        self._users.hear(notice)
        self._viewers.hear(notice)
        if notice.kind in OPENED:
            self._look_at_status(SLOWLY)

    def keeper(self, room: RoomId) -> Keeper | None:
        """Return what stands behind a user's room of requests; None for another kind of room."""
        if room_kind(room) is not RoomKind.REQUESTS:
            return None
        return RequestsKeeper(self._answering)

    def answered(self, keeper: Keeper) -> Keeper:
        """Return a notebook's keeper, with requests answered in its room."""
        return RequestsKeeper(lambda document: WakingAnswering(document, self._answering_code), keeper)

    def _answering(self, document: Document) -> Answering:
        return Answering(document, ASKING, self.requests, self._clock)

    def _answering_code(self, document: Document, fresh: Mapping[str, Author]) -> Answering:
        requests = requests_of(CodeRequests(document.room, self._kernel_of, self._kernel_manager))
        return Answering(document, ASKING, requests, self._clock, fresh=fresh)

    async def _session_rows(self) -> Rows:
        """Return the table of sessions, and have counted who looks at the notebooks of their kernels."""
        rows = await self._sessions.rows()
        self._viewers.take(rows)
        return rows

    async def _kernel_rows(self) -> Rows:
        """Return the table of kernels, and have looked at what changes with them."""
        before = self._kernels.shown
        rows = await self._kernels.rows()
        if before != self._kernels.shown:
            self._look_at_status(SLOWLY)
        if before.keys() != self._kernels.shown.keys():
            self._look_at_sessions(SOON)
            self._look_at_kernelspecs(SPECS)
        return rows

    def _count_documents(self) -> int:
        return sum(room_kind(room) in DOCUMENTS for room in self._relay.open_rooms)
