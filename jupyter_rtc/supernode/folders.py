"""Changes on a local disk, seen at once: one watcher for the folders of all open files.

It watches the folders that files are in, and those above, up to the root; never what is below them, and nothing
while no file is open. An event only says "look again", so that losing or doubling one does no harm: whenever the
set of folders changes, everybody is told that something may have been missed. If the system refuses to watch,
polling is left.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from watchfiles import awatch

from ..notices import Announce, Notice, NoticeKind, unheard

_GATHER = 100
"""Milliseconds for which events are gathered at most."""
_QUIET = 20
"""Milliseconds without an event after which they are given on."""


def listed(folder: str) -> str:
    """Return how a folder is named here if what is in it is of interest, and not what becomes of it as a file."""
    return f"{folder}/" if folder else "./"


class Folders:
    """The folders of open files below one root."""

    def __init__(self, root: Path, touched: Callable[[str, bool], None], announce: Announce = unheard) -> None:
        """Call ``touched(path, seen)``, the path relative to the root.

        Something was seen of this file, or (not ``seen``) nobody looked for a moment.
        """
        self._root = root
        self._touched = touched
        self._announce = announce
        self._counts: dict[str, int] = {}
        self._places: dict[str, frozenset[Path]] = {}
        self._watched: set[Path] = set()
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.works = True
        """Whether changes are seen; false once the system has refused."""

    def start(self) -> None:
        """Begin to watch."""
        self._task = asyncio.create_task(self._run(), name="folders of open files")

    def add(self, path: str) -> None:
        """Watch this file, or what is in a folder, named as ``listed`` does; each ``add`` needs a ``remove``."""
        self._counts[path] = self._counts.get(path, 0) + 1
        if path not in self._places:
            self._places[path] = self._places_of(path)
            if not self._places[path] <= self._watched:
                self._changed.set()

    def remove(self, path: str) -> None:
        """Watch this file no more; its folders are let go of when those of another file are added, or none is left.

        A folder of which all entries were of interest is let go of at once: much may happen in it.
        """
        left = self._counts.pop(path) - 1
        if left:
            self._counts[path] = left
            return
        del self._places[path]
        if not self._places or (path.endswith("/") and not self._watched <= self._wanted()):
            self._changed.set()

    async def close(self) -> None:
        """Stop watching."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    async def _run(self) -> None:
        while self.works:
            await self._changed.wait()
            self._changed = asyncio.Event()
            self._watched = self._wanted()
            if self._watched:
                await self._watch([place for place in self._watched if place.is_dir()], self._changed)

    def _wanted(self) -> set[Path]:
        return {place for places in self._places.values() for place in places}

    async def _watch(self, folders: list[Path], until: asyncio.Event) -> None:
        """Watch these folders until others are to be watched."""
        for path in list(self._places):
            self._touched(path, False)
        try:
            async for changes in awatch(
                *folders, watch_filter=None, recursive=False, stop_event=until, debounce=_GATHER, step=_QUIET
            ):
                self._tell({Path(where) for _, where in changes})
        except FileNotFoundError:
            until.set()  # a folder went between looking and watching
        except OSError as error:
            self.works = False
            words = f"Changes made outside are seen late: the system refuses to watch files ({error.strerror})."
            self._announce(Notice(NoticeKind.STORE_FAILED, words=words))

    def _places_of(self, path: str) -> frozenset[Path]:
        """Return the folders where a change of this file shows: its own, those above, and where a link leads."""
        file = self._root / path
        above = {parent for parent in file.parents if self._root == parent or self._root in parent.parents}
        place = file.resolve()
        return frozenset(above | ({file, place} if path.endswith("/") else {place.parent}))

    def _tell(self, touched: set[Path]) -> None:
        """Tell of each open file that is at one of these places, below it, or linked to it."""
        folders = {place.parent for place in touched}
        for path, places in list(self._places.items()):
            file = self._root / path
            own = {file, file.resolve()}
            if touched & places:
                self._changed.set()  # a folder went or came: what was watched of it is of no use any more
            if touched & places or own & touched or (path.endswith("/") and own & folders):
                self._touched(path, True)
