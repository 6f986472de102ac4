"""Where a file on a local disk went, when it is not where it was.

A file that was moved within a disk keeps its inode, time and size; all three together tell it from a new file
that was given the number of a deleted one. What was moved *and* changed, or copied and deleted, is not found.

A file that is moved while this server writes it is known by its inode alone. Only files that were noted are
known; nothing is read, and nothing is kept on disk.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from enum import Enum, auto
from pathlib import Path

Trace = tuple[int, int, int, int]
"""Device, inode, time of the last change in nanoseconds, size."""

SEARCH_LIMIT = 20_000
"""Directory entries that one search looks at before it gives up: a few tenths of a second on a thread."""


class Place(Enum):
    """What is at the path where a file was."""

    ITSELF = auto()
    """It, or another file that took its place, as editors do when they save."""
    STRANGER = auto()
    """Another noted file."""
    NOTHING = auto()


class Inodes:
    """The traces of noted files below one folder."""

    def __init__(self, root: Path, search_limit: int = SEARCH_LIMIT) -> None:
        """Know files below this folder."""
        self._root = root
        self._limit = search_limit
        self._traces: dict[str, Trace] = {}
        self._writing: set[str] = set()

    def note(self, file_id: str, path: str) -> None:
        """Remember what the file at this path looks like."""
        if trace := _trace(self._root / path):
            self._traces[file_id] = trace
            self._writing.discard(file_id)

    def writing(self, file_id: str) -> None:
        """Note that this server is about to change the file: until it is noted again, only its inode is certain."""
        self._writing.add(file_id)

    def forget(self, file_id: str) -> None:
        """Forget a file."""
        self._traces.pop(file_id, None)
        self._writing.discard(file_id)

    def place(self, file_id: str, path: str) -> Place:
        """Return what is at the path where this file was."""
        trace = _trace(self._root / path)
        if trace is None:
            return Place.NOTHING
        others = (known for other, known in self._traces.items() if other != file_id)
        strange = trace != self._traces.get(file_id) and trace in others
        return Place.STRANGER if strange else Place.ITSELF

    def at(self, path: str) -> list[str]:
        """Return the ids of the noted files of which one is at this path; several if a file has several names."""
        trace = _trace(self._root / path)
        return [file_id for file_id, known in self._traces.items() if self._same(file_id)(trace, known)]

    async def find(self, file_id: str, near: str) -> str | None:
        """Return the path of a noted file, looking first near where it was; None if it is not found."""
        trace = self._traces.get(file_id)
        if trace is None:
            return None
        return await asyncio.to_thread(self._search, trace, (self._root / near).parent, self._same(file_id))

    def _same(self, file_id: str) -> Callable[[Trace | None, Trace], bool]:
        return _is_inode if file_id in self._writing else _is_trace

    def _search(self, trace: Trace, first: Path, same: Callable[[Trace | None, Trace], bool]) -> str | None:
        budget = self._limit
        for path in _entries(first, self._root):
            budget -= 1
            if budget < 0:
                return None
            if same(_trace(path), trace):
                return path.relative_to(self._root).as_posix()
        return None


def _entries(first: Path, root: Path) -> Iterator[Path]:
    """Yield the files of one folder, then all below the root."""
    if first.is_dir():
        yield from first.iterdir()
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(folder, name) for name in files)


def _is_trace(found: Trace | None, known: Trace) -> bool:
    return found == known


def _is_inode(found: Trace | None, known: Trace) -> bool:
    """Whether this is the file that was being written: its inode, changed since it was noted."""
    return found is not None and found[:2] == known[:2] and found[2] >= known[2]


def _trace(path: Path) -> Trace | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size
