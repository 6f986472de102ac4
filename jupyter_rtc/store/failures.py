"""What a failure of SQLite or of the disk means for us, and how it is said. Pure.

The primary result code (https://www.sqlite.org/rescode.html) decides whether trying again may help; words never
come from SQLite, whose texts may name paths.
"""

from __future__ import annotations

import errno
import sqlite3

from ..errors import StoreCorrupt, StoreError, StoreUnavailable

FULL = "The disk, or the space given to the store, is full. Changes are stored again once there is room."
READ_ONLY = "The store cannot be written: its file or folder is read-only. An administrator can change that."
IN_USE = "Another program is using the store's file. Each server needs a store of its own."
DISK_FAILED = "The disk under the store failed to read or write. An administrator should look at it."
CANNOT_OPEN = "The store's file cannot be opened. An administrator should look at its folder's permissions."
DAMAGED = "The store's file is damaged. It is set aside and replaced when the server starts the next time."
ROOM_DAMAGED = "What the store holds of this document is not what was written."
REFUSED = "The store refused this, and the reason is not one that we know. The server's log tells more."

_PRIMARY = 0xFF
"""An extended result code holds the primary one in its low byte."""

_UNAVAILABLE = {
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_BUSY: IN_USE,
    sqlite3.SQLITE_LOCKED: IN_USE,
    sqlite3.SQLITE_PROTOCOL: IN_USE,
    sqlite3.SQLITE_IOERR: DISK_FAILED,
    sqlite3.SQLITE_NOMEM: DISK_FAILED,
    sqlite3.SQLITE_CANTOPEN: CANNOT_OPEN,
    sqlite3.SQLITE_PERM: CANNOT_OPEN,
    sqlite3.SQLITE_AUTH: CANNOT_OPEN,
}
_CORRUPT = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def store_error(error: sqlite3.Error) -> StoreError:
    """Return what this failure of SQLite means."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:  # raised by Python's module: a stored text that is no text, or our own mistake
        return StoreCorrupt(ROOM_DAMAGED) if isinstance(error, sqlite3.OperationalError) else StoreError(REFUSED)
    code &= _PRIMARY
    if code in _CORRUPT:
        return StoreCorrupt(DAMAGED)
    if words := _UNAVAILABLE.get(code):
        return StoreUnavailable(words)
    return StoreError(REFUSED)


def file_error(error: OSError) -> StoreUnavailable:
    """Return what this failure of the file system means."""
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return StoreUnavailable(READ_ONLY)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreUnavailable(FULL)
    return StoreUnavailable(CANNOT_OPEN)
