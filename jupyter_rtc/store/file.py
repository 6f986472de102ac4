"""The store's file: made, locked, recognised, checked, brought up to date, and replaced if it is damaged.

* One process has it, by the operating system's lock; one connection, used by one thread at a time.
* The folder is made for its owner alone (0700), the file too (0600).
* A file of another program, and one that a newer version wrote, is refused and left as it is.
* A damaged file is renamed to ``<name>.broken-<n>``, never deleted or changed; rooms whose history is whole are
  carried over into a new file, and of the others what is sound of it, as the beginning of a new history.

SQLite's settings: WAL, in exclusive locking mode, which needs no shared memory (so that network file systems are
possible) and fewer system calls; free pages are given back in small steps (``auto_vacuum``).
"""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from ..errors import StoreCorrupt, StoreError, StoreUnavailable
from ..ids import RoomId
from . import tables
from .failures import DAMAGED, file_error, store_error
from .lock import FileLock
from .migrations import TABLES, migrate, version_of

_log = logging.getLogger(__name__)

Durability = Literal["normal", "full"]
"""What a commit survives: the end of the process, or also a power cut (which costs an fsync each time)."""

MEMORY = ":memory:"

APPLICATION_ID = 0x4A525443
"""«JRTC», in the header of the file; tells our files from other programs'."""

CHECKED_BYTES = 256 * 2**20
"""A larger file's structure is not checked at each start, which reads all of it; its rows always are when read."""

WAL_KEPT_BYTES = 16 * 2**20
"""What the WAL is cut down to after a burst."""

CACHE_KB = 64
"""What SQLite may keep of the file in memory: appends touch few pages, and are as fast as with the usual 2 MB."""

WAL_BACKSTOP_PAGES = 16384
"""At 64 MiB SQLite makes a checkpoint itself, should ours not keep up."""

BUSY_SECONDS = 2.0
"""How long to wait for another program (a backup) that has the file for a moment."""

FOREIGN = (
    "The file given for the store is another program's database, so it is not touched. "
    "Choose another file for the store."
)


class StoreFile:
    """An open store file; the right to use it, and its connection."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        lock: FileLock | None = None,
        set_aside: str | None = None,
    ) -> None:
        self.connection = connection
        self.set_aside = set_aside
        """Why, and as what, a damaged file was set aside when this one was opened."""
        self._lock = lock

    @classmethod
    def open(cls, path: Path | str, durability: Durability, max_bytes: int | None = None) -> StoreFile:
        """Open the file, making it if it is missing.

        Args:
            path: where it is, or ``:memory:``.
            durability: what a commit survives.
            max_bytes: how large it may grow; None: as large as the disk.

        Raises:
            StoreUnavailable: it is in use, read-only, not ours, or the disk fails.
            StoreNewer: a newer version wrote it.

        """
        if path == MEMORY:
            return cls(_prepared(MEMORY, durability, max_bytes))
        path = Path(path)
        try:
            _make(path)
            lock = FileLock(path.with_name(path.name + ".lock"))
        except OSError as error:
            raise file_error(error) from error
        try:
            return cls._open_locked(path, durability, max_bytes, lock)
        except OSError as error:
            lock.release()
            raise file_error(error) from error
        except StoreError:
            lock.release()
            raise

    @classmethod
    def _open_locked(cls, path: Path, durability: Durability, max_bytes: int | None, lock: FileLock) -> StoreFile:
        try:
            return cls(_prepared(path, durability, max_bytes), lock)
        except StoreCorrupt:
            aside = _set_aside(path)
        _make(path)
        connection = _prepared(path, durability, max_bytes)
        kept, lost = _carry_over(aside, connection)
        words = (
            f"The store's file was damaged and was set aside as {aside.name}. The histories of {kept} documents "
            f"were carried over to a new one; of {lost or 'no'} others only what was before the damage could be. Their "
            "files are unharmed."
        )
        return cls(connection, lock, words)

    def close(self) -> None:
        """Let go of the file; SQLite makes a last checkpoint and removes the WAL."""
        try:
            self.connection.close()
        finally:
            if self._lock:
                self._lock.release()


def _make(path: Path) -> None:
    """Make the folder and an empty file for their owner alone, if they are missing."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _prepared(path: Path | str, durability: Durability, max_bytes: int | None) -> sqlite3.Connection:
    """Return a connection to a file that is ours, whole, writable and up to date."""
    try:
        connection = sqlite3.connect(path, BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise store_error(error) from error
    try:
        _recognise(connection)
        _configure(connection, durability, max_bytes)
        _check_structure(connection, path)
        migrate(connection)
        _check_tables(connection)
    except sqlite3.Error as error:
        connection.close()
        raise store_error(error) from error
    except StoreError:
        connection.close()
        raise
    return connection


def _recognise(connection: sqlite3.Connection) -> None:
    """Refuse another program's file; sign an empty one."""
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    if check_owner(connection):
        return
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # can be chosen only before the first page is written
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def check_owner(connection: sqlite3.Connection) -> bool:
    """Return whether the file is ours; not, if it is empty; raises StoreUnavailable if it is another program's."""
    owner = connection.execute("PRAGMA application_id").fetchone()[0]
    if owner == APPLICATION_ID:
        return True
    if owner or version_of(connection) or connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
        raise StoreUnavailable(FOREIGN)
    return False


def _configure(connection: sqlite3.Connection, durability: Durability, max_bytes: int | None) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA synchronous = {durability.upper()}")
    connection.execute(f"PRAGMA wal_autocheckpoint = {WAL_BACKSTOP_PAGES}")
    connection.execute(f"PRAGMA journal_size_limit = {WAL_KEPT_BYTES}")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KB}")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA trusted_schema = OFF")
    if durability == "full":
        connection.execute("PRAGMA fullfsync = ON")  # macOS: fsync alone does not reach the disk there
    if max_bytes is not None:
        page_size = connection.execute("PRAGMA page_size").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {max(1, max_bytes // page_size)}")
    connection.execute("BEGIN IMMEDIATE")  # a read-only file is found out now, not by the first change
    connection.execute("COMMIT")


def _check_structure(connection: sqlite3.Connection, path: Path | str) -> None:
    if path != MEMORY and os.stat(path).st_size > CHECKED_BYTES:
        return
    if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise StoreCorrupt(DAMAGED)


def _check_tables(connection: sqlite3.Connection) -> None:
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not names >= TABLES:
        raise StoreCorrupt(DAMAGED)


# --- a damaged file -----------------------------------------------------------------------------------------


def _set_aside(path: Path) -> Path:
    """Rename the file, and its WAL, to a name that nothing has; return it."""
    number = 1
    while (aside := path.with_name(f"{path.name}.broken-{number}")).exists():
        number += 1
    for suffix in ("-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.rename(f"{path}{suffix}", f"{aside}{suffix}")
    os.rename(path, aside)
    return aside


def _carry_over(damaged: Path, target: sqlite3.Connection) -> tuple[int, int]:
    """Copy histories out of a damaged file; return how many were whole, and how many were not."""
    kept = lost = 0
    try:
        with contextlib.closing(_read_only(damaged)) as source:
            for (room,) in source.execute("SELECT name FROM room").fetchall():
                if _carry_over_room(source, target, room):
                    kept += 1
                else:
                    lost += 1
    except sqlite3.Error as error:
        _log.warning("The damaged store cannot be read further: %s", store_error(error).words)
    return kept, lost


def _carry_over_room(source: sqlite3.Connection, target: sqlite3.Connection, room: RoomId) -> bool:
    """Copy a whole history; where that cannot be, begin a new one with what is sound. Return whether it was whole."""
    if _carry_over_by(tables.carry_over, source, target, room):
        return True
    _carry_over_by(tables.carry_over_sound, source, target, room)
    return False


def _carry_over_by(
    way: Callable[[sqlite3.Connection, sqlite3.Connection, RoomId], None],
    source: sqlite3.Connection,
    target: sqlite3.Connection,
    room: RoomId,
) -> bool:
    target.execute("BEGIN IMMEDIATE")
    try:
        way(source, target, room)
        target.execute("COMMIT")
    except (StoreError, sqlite3.Error) as error:
        if target.in_transaction:
            target.execute("ROLLBACK")
        words = store_error(error).words if isinstance(error, sqlite3.Error) else error.words
        _log.warning("The history of room %s was not carried over whole: %s", room, words)
        return False
    return True


def _read_only(path: Path) -> sqlite3.Connection:
    """Open a file without changing it."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
    connection.execute("PRAGMA writable_schema = ON")  # without it SQLite refuses a file that was cut short
    return connection
