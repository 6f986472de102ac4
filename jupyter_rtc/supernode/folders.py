"""Changes on a local disk, seen at once: one watcher for the folders of all open files.

It watches the folders that files are in, and those above, up to the root; never what is below them, and nothing
while no file is open. An event only says "look again", so that losing or doubling one does no harm: whenever the
set of folders changes, everybody is told that something may have been missed. If the system refuses to watch,
polling is left.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path

from watchfiles import awatch

from ..notices import Announce, Notice, NoticeKind, unheard

_GATHER = 100
"""Milliseconds for which events are gathered at most."""
_QUIET = 20
"""Milliseconds without an event after which they are given on."""


class Folders:
    """The folders of open files below one root."""

    def __init__(self, root: Path, touched: Callable[[str, bool], None], announce: Announce = unheard) -> None:
        """Call ``touched(path, seen)``, the path relative to the root.

        Something was seen of this file, or (not ``seen``) nobody looked for a moment.
        """
        self._root = root
        self._touched = touched
        self._announce = announce
        self._paths: dict[str, int] = {}
        self._watched: set[Path] = set()
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.works = True
        """Whether changes are seen; false once the system has refused."""

    def start(self) -> None:
        """Begin to watch."""
        self._task = asyncio.create_task(self._run(), name="folders of open files")

    def add(self, path: str) -> None:
        """Watch this file; each ``add`` needs a ``remove``."""
        self._paths[path] = self._paths.get(path, 0) + 1
        self._compare()

    def remove(self, path: str) -> None:
        """Watch this file no more."""
        left = self._paths.pop(path) - 1
        if left:
            self._paths[path] = left
        self._compare()

    async def close(self) -> None:
        """Stop watching."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    def _compare(self) -> None:
        """Begin anew if other folders are to be watched than those that are."""
        if not self._paths or self._folders() != self._watched:
            self._changed.set()

    async def _run(self) -> None:
        while self.works:
            await self._changed.wait()
            self._changed = asyncio.Event()
            self._watched = self._folders() if self._paths else set()
            if self._watched:
                await self._watch(self._watched, self._changed)

    async def _watch(self, folders: set[Path], until: asyncio.Event) -> None:
        """Watch these folders until the set of files changes."""
        for path in list(self._paths):
            self._touched(path, False)
        try:
            async for changes in awatch(
                *folders, watch_filter=None, recursive=False, stop_event=until, debounce=_GATHER, step=_QUIET
            ):
                self._tell(Path(where) for _, where in changes)
        except FileNotFoundError:
            until.set()  # a folder went between looking and watching
        except OSError as error:
            self.works = False
            words = f"Changes made outside are seen late: the system refuses to watch files ({error.strerror})."
            self._announce(Notice(NoticeKind.STORE_FAILED, words=words))

    def _folders(self) -> set[Path]:
        """Return the folders of all files, and those above, as far as they exist."""
        found = {self._root}
        for path in self._paths:
            file = self._root / path
            found.update(parent for parent in file.parents if self._root in parent.parents)
            found.add(file.resolve().parent)
        return {folder for folder in found if folder.is_dir()}

    def _tell(self, places: Iterable[Path]) -> None:
        """Tell of each open file that is at one of these places, below it, or linked to it."""
        touched = set(places)
        for path in list(self._paths):
            file = self._root / path
            if touched & set(file.parents):
                self._changed.set()  # a folder went or came: what was watched of it is of no use any more
            if touched & {file, file.resolve(), *file.parents}:
                self._touched(path, True)
