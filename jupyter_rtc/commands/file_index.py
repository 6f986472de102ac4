"""Where a document's file is, as far as it is known without a server and without opening the document.

The index of ``jupyter_server_fileid`` says it; a copy of it is read, where that package keeps it unless it is told
otherwise. Ids that were made of paths, where there was no index, say it themselves.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from sqlite3 import Connection

from jupyter_core.paths import jupyter_data_dir

from ..errors import StoreUnavailable
from ..ids import RoomId, file_address, path_of_file_id
from .store_file import Kept, opened


def named(found: Iterable[Kept], root: Path) -> list[Kept]:
    """Return the same with the paths of those that do not say it themselves, if they are known."""
    there = list(found)
    known = paths_of([one.room for one in there if not one.path], root)
    return [replace(one, path=one.path or known.get(one.room, "")) for one in there]


def paths_of(rooms: Iterable[RoomId], root: Path) -> dict[RoomId, str]:
    """Return the paths of these rooms' files that are known; below ``root``, the server's folder, as it names them."""
    ids = {room: address.file_id for room in rooms if (address := file_address(room))}
    if not ids:
        return {}
    paths = {room: path for room, file_id in ids.items() if (path := path_of_file_id(file_id))}
    try:
        with opened(Path(jupyter_data_dir()) / "file_id_manager.db") as index:
            found = {room: _indexed(index, file_id) for room, file_id in ids.items()}
    except StoreUnavailable:
        return paths
    return paths | {room: _below(path, root) for room, path in found.items() if path}


def _indexed(index: Connection, file_id: str) -> str:
    row = index.execute("SELECT path FROM Files WHERE id = ?", (file_id,)).fetchone()
    return str(row[0]) if row else ""


def _below(path: str, root: Path) -> str:
    there = Path(path)
    return there.relative_to(root).as_posix() if there.is_relative_to(root) else path
