"""The tables ``folders`` and ``contents``: what is in the folders that somebody asks for.

A folder is read when the first asks for it, and again whenever something in it may have changed; on a disk that tells
of no changes also every few seconds. At the last who gives it back it goes. It is counted how often each user asks.
A user of whom no connection to their room of requests is left has given back everything, a moment later: a connection
that was lost may come back, and what it asked for is still there.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..documents import Visit
from ..errors import DocumentError, TableError
from ..ids import RoomId, RoomKind, requests_room, room_kind
from ..notices import Notice, NoticeKind
from ..supernode.clock import Clock
from .board import SOON, Rows
from .listing import list_folder

GRACE = 5.0
"""Seconds after which one that has left is taken to look no more."""
POLL = 2.0
"""Seconds between two looks at a folder of which nothing is told."""
MOST = 100
"""Folders that one user may look at."""
LONGEST = 30.0
"""Seconds for reading a folder."""
REST = 4
"""How many times as long as reading a folder took it is left alone afterwards."""
OPENED = (NoticeKind.ROOM_OPENED, NoticeKind.ROOM_CLOSED, NoticeKind.LOADED, NoticeKind.MOVED, NoticeKind.DELETED)


class Files(Protocol):
    """Who knows files."""

    @property
    def sees_outside(self) -> bool:
        """Whether changes are seen that are not made through this server."""

    def follow_folder(self, path: str, changed: Callable[[], None]) -> Callable[[], None]:
        """Call back when something in this folder may have changed; return what ends it."""

    def path(self, room: RoomId) -> str | None:
        """Return where the file of an open room is."""


@dataclass(slots=True, eq=False)
class Folder:
    """A folder that somebody asks for."""

    path: str
    askers: Counter[str] = field(default_factory=Counter)
    rows: Rows = field(default_factory=dict)
    state: str = "loading"
    reason: str = ""
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    listed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once it has been read, or could not be."""
    keeping: asyncio.Task[None] | None = None


class FolderTable:
    """Says what is in both tables."""

    def __init__(
        self,
        contents_manager: Any,
        files: Files,
        rooms: Callable[[], Iterable[RoomId]],
        visits: Callable[[], Iterable[Visit]],
        clock: Clock,
    ) -> None:
        """Say what is in folders of this contents manager; ``rooms`` are open, ``visits`` are made."""
        self._contents = contents_manager
        self._files = files
        self._rooms = rooms
        self._visits = visits
        self._clock = clock
        self._folders: dict[str, Folder] = {}
        self._look_at_contents: Callable[[float], None] = _nobody
        self._look_at_folders: Callable[[float], None] = _nobody
        self._leaving: dict[str, asyncio.TimerHandle] = {}

    def start(self, look_at_contents: Callable[[float], None], look_at_folders: Callable[[float], None]) -> None:
        """Say from now on when to look again."""
        self._look_at_contents, self._look_at_folders = look_at_contents, look_at_folders

    async def close(self) -> None:
        """Look at nothing any more."""
        for timer in self._leaving.values():
            timer.cancel()
        keeping = [folder.keeping for folder in self._folders.values() if folder.keeping is not None]
        self._folders.clear()
        for task in keeping:
            task.cancel()
        if keeping:
            await asyncio.wait(keeping)

    def hear(self, notice: Notice) -> None:
        """Take note of documents that open and close, and of users who leave."""
        if notice.room is None or not self._folders:
            return
        kind = room_kind(notice.room)
        if notice.kind in OPENED and kind is RoomKind.FILE:
            self._look_at_contents(SOON)
        if notice.kind is NoticeKind.LEFT and kind is RoomKind.REQUESTS and notice.username is not None:
            self._let_leave(notice.username)

    async def open(self, path: str, username: str) -> Folder:
        """Look at a folder, and return it once it has been read."""
        path = folder_path(path)
        if sum(one.askers[username] for one in self._folders.values()) >= MOST:
            raise TableError(f"You look at {MOST} folders already; give some of them back.")
        folder = self._folders.get(path)
        if folder is None:
            folder = self._folders[path] = Folder(path)
            folder.keeping = asyncio.create_task(self._keep(folder), name=f"folder {path}", context=Context())
        folder.askers[username] += 1
        if not self._is_here(username):
            self._let_leave(username)  # they left while it was looked up whether they may ask
        self._look_at_folders(SOON)
        await folder.listed.wait()
        return folder

    def give_back(self, path: str, username: str) -> None:
        """Look at a folder no more, if nobody else asks for it; raises TableError."""
        folder = self._folders.get(folder_path(path))
        if folder is None or not folder.askers[username]:
            raise TableError(f"You have not asked for the folder {path!r}.")
        folder.askers[username] -= 1
        self._drop_unwanted()

    def leave(self, username: str) -> None:
        """Give back all that a user has asked for."""
        for folder in self._folders.values():
            del folder.askers[username]
        self._drop_unwanted()

    async def content_rows(self) -> Rows:
        """Return the table ``contents``."""
        rooms = {path: room for room in self._rooms() if (path := self._files.path(room)) is not None}
        rows = {path: row for folder in self._folders.values() for path, row in folder.rows.items()}
        self._look_at_folders(0)
        return {**rows, **{path: {**rows[path], "room": room} for path, room in rooms.items() if path in rows}}

    async def folder_rows(self) -> Rows:
        """Return the table ``folders``."""
        return {
            folder.path: {
                "state": folder.state,
                "reason": folder.reason,
                "count": len(folder.rows),
                "watched_by": folder.askers.total(),
            }
            for folder in self._folders.values()
        }

    def _drop_unwanted(self) -> None:
        for folder in list(self._folders.values()):
            if not folder.askers.total():
                del self._folders[folder.path]
                if folder.keeping is not None:
                    folder.keeping.cancel()
        self._look_at_contents(SOON)
        self._look_at_folders(SOON)

    def _let_leave(self, username: str) -> None:
        if username in self._leaving:
            self._leaving.pop(username).cancel()
        self._leaving[username] = asyncio.get_running_loop().call_later(GRACE, self._has_left, username)

    def _has_left(self, username: str) -> None:
        del self._leaving[username]
        if not self._is_here(username):
            self.leave(username)

    def _is_here(self, username: str) -> bool:
        return any(visit.room == requests_room(username) for visit in self._visits())

    async def _keep(self, folder: Folder) -> None:
        """Read the folder whenever something in it may have changed, until cancelled."""
        try:
            unfollow = self._files.follow_folder(folder.path, folder.changed.set)
        except (OSError, RuntimeError):  # a link that leads to itself
            folder.state, folder.reason = "failed", f"{folder.path} is no folder."
            folder.listed.set()
            return
        try:
            while True:
                took = await self._read(folder)
                await self._clock.wait(asyncio.Event(), self._clock.now() + took * REST)
                until = None if self._files.sees_outside else self._clock.now() + POLL
                await self._clock.wait(folder.changed, until)
        finally:
            unfollow()
            folder.listed.set()

    async def _read(self, folder: Folder) -> float:
        """Read the folder; return how long it took."""
        begun = self._clock.now()
        folder.changed.clear()
        try:
            async with asyncio.timeout(LONGEST):
                folder.rows, folder.state, folder.reason = await list_folder(self._contents, folder.path), "ready", ""
        except DocumentError as error:
            folder.rows, folder.state, folder.reason = {}, "failed", error.words
        except TimeoutError:
            words = f"The storage did not say within {LONGEST:g} seconds what is in the folder {folder.path!r}."
            folder.rows, folder.state, folder.reason = {}, "failed", words
        folder.listed.set()
        self._look_at_contents(0)
        return self._clock.now() - begun


def folder_path(path: str) -> str:
    """Return a folder's path without a slash at its ends; raises TableError."""
    parts = [part for part in path.split("/") if part and part != "."]
    if ".." in parts or "\0" in path or any("\ud800" <= one <= "\udfff" for one in path):
        raise TableError(f"{path!r} is no path of a folder.")
    return "/".join(parts)


def _nobody(_within: float) -> None:
    """Tell nobody: it has not been started."""
