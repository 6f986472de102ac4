"""Which file a file id means: the paths of open files, in step with what is renamed and moved.

Jupyter's file id extension keeps the lasting index. It is asked when a file is opened, renamed, or not found where
it was, never per keystroke. Where it is not installed or its database fails, ids are made from paths
(``path-…``), so that opening and saving go on; such a file is another document after a rename.

A rename through this server is told by an event. A ``mv`` in a terminal is recognised by ``Inodes``, on local
disks and for open files only. This module neither reads nor writes files.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from ..ids import file_id_of_path, path_of_file_id
from ..notices import Announce, Notice, NoticeKind, unheard
from .inodes import Inodes, Place

_BROKEN_INDEX = (
    "The index of file ids cannot be used, so that renamed files are not recognised until the server is restarted."
)


class Identity:
    """File ids and the paths that they mean now."""

    def __init__(
        self,
        file_ids: Callable[[], Any | None],
        inodes: Inodes | None = None,
        announce: Announce = unheard,
    ) -> None:
        """Ask the file id manager that ``file_ids`` returns, if any; it may come into being after this."""
        self._file_ids = file_ids
        self._inodes = inodes
        self._announce = announce
        self._broken = False
        self._paths: dict[str, str] = {}
        self._holders: Counter[str] = Counter()

    @property
    def works(self) -> bool:
        """Whether there is an index that can be asked."""
        return not self._broken and self._file_ids() is not None

    def index(self, path: str) -> tuple[str, bool]:
        """Return the id of the file at this path, and whether it is new."""
        path = path.strip("/")
        known = self._moved_to(path) or self._ask("get_id", path)
        file_id = known or self._ask("index", path) or self._opened_at(path) or file_id_of_path(path)
        return file_id, not known

    def path(self, file_id: str) -> str | None:
        """Return the path of this file; None if nobody knows it."""
        if file_id not in self._paths:
            path = self._ask("get_path", file_id) or path_of_file_id(file_id)
            if path is None:
                return None
            self._paths[file_id] = path
        return self._paths[file_id]

    async def locate(self, file_id: str) -> str | None:
        """Return the path of this file, after looking whether it was moved by somebody who told nobody."""
        path = self.path(file_id)
        if path is None or self._inodes is None or self._inodes.place(file_id, path) is Place.ITSELF:
            return path
        found = await self._inodes.find(file_id, path)
        if found is not None and found != path and self._paths.get(file_id) == path:
            self._record_move(file_id, path, found)
        return self._paths.get(file_id)

    def _moved_to(self, path: str) -> str | None:
        """Return the id of the open file that somebody moved to this path and told nobody, after noting it."""
        if self._inodes is None:
            return None
        for file_id in self._inodes.at(path):
            old = self._paths.get(file_id, path)
            if old != path and file_id not in self._inodes.at(old):
                self._record_move(file_id, old, path)
                return file_id
        return None

    def seen(self, file_id: str) -> None:
        """Note that the file is where it should be."""
        path = self._paths.get(file_id)
        if path is not None and self._inodes is not None and self._inodes.place(file_id, path) is Place.ITSELF:
            self._inodes.note(file_id, path)

    def writing(self, file_id: str) -> None:
        """Note that this server is about to write the file."""
        if self._inodes is not None:
            self._inodes.writing(file_id)

    def owns(self, file_id: str, path: str) -> bool:
        """Whether a file that is at this path again is still the one of this id, not a new one of that name."""
        return path_of_file_id(file_id) == path or self._ask("get_id", path) == file_id

    def renamed(self, old_path: str, new_path: str) -> None:
        """Note that a file or a folder was renamed through this server."""
        old, new = old_path.strip("/"), new_path.strip("/")
        for file_id, path in self._paths.items():
            if path == old or path.startswith(old + "/"):
                self._paths[file_id] = new + path[len(old) :]

    def hold(self, file_id: str) -> None:
        """Note that one more room has this file open."""
        self._holders[file_id] += 1

    def release(self, file_id: str) -> None:
        """Note that one of those rooms let go of it; with the last, what is remembered of it is dropped."""
        self._holders[file_id] -= 1
        self.forget(file_id)

    def forget(self, file_id: str) -> None:
        """Drop what is remembered of a file, unless somebody has it open."""
        if self._holders[file_id] > 0:
            return
        del self._holders[file_id]
        self._paths.pop(file_id, None)
        if self._inodes is not None:
            self._inodes.forget(file_id)

    def _record_move(self, file_id: str, old: str, new: str) -> None:
        """Note that a file was moved, and let the index know; one that stood in its way took its place."""
        other = self._opened_at(new)
        if self._ask("get_id", new) != file_id:  # some indexes see for themselves, and would forget what they are told
            self._tell_index(old, new, exchanged=other is not None)
        if other is not None:
            self._paths[other] = old
        self._paths[file_id] = new

    def _tell_index(self, old: str, new: str, *, exchanged: bool) -> None:
        if not exchanged:
            self._ask("delete", new)
            self._ask("move", old, new)
            return
        aside = f"{old}.{uuid4().hex}"
        for source, target in ((new, aside), (old, new), (aside, old)):
            self._ask("move", source, target)

    def _opened_at(self, path: str) -> str | None:
        """Return the id under which this path is open: what a broken index said while it worked."""
        return next((file_id for file_id, known in self._paths.items() if known == path), None)

    def _ask(self, question: str, *arguments: str) -> str | None:
        """Ask the index; a broken one knows nothing, and keeps no file from being opened or saved."""
        file_ids = None if self._broken else self._file_ids()
        if file_ids is None:
            return None
        call: Callable[..., str | None] = getattr(file_ids, question)
        try:
            return call(*arguments)
        except sqlite3.IntegrityError:
            return None  # it knows the path under another id already, and keeps to that
        except (sqlite3.Error, OSError):
            self._broken = True
            self._announce(Notice(NoticeKind.STORE_FAILED, words=_BROKEN_INDEX))
            return None
