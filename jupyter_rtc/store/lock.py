"""A lock that the operating system holds while the process lives: two servers never share a store.

The lock is on a file of its own beside the store: closing any other handle of a file drops POSIX locks on it, and
SQLite has its own. A killed process leaves the file behind, but no lock.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ..errors import StoreUnavailable
from .failures import IN_USE

if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


NO_LOCKS = (
    "The file system of the store's folder cannot lock files, so two servers could write one store. "
    "Choose a folder on a local disk."
)


class FileLock:
    """The right to use a file, while it lasts."""

    def __init__(self, path: Path) -> None:
        """Take the lock of the file at this path.

        Raises:
            StoreUnavailable: another process (or this one) has it, or the file system has no locks.
            OSError: the lock's file cannot be made.

        """
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(self._handle)
        except (BlockingIOError, PermissionError) as error:
            os.close(self._handle)
            raise StoreUnavailable(IN_USE) from error
        except OSError as error:
            os.close(self._handle)
            raise StoreUnavailable(NO_LOCKS) from error

    def release(self) -> None:
        """Let others have it."""
        os.close(self._handle)


def in_use(path: Path) -> bool:
    """Whether a process holds the lock of the file at this path; changes nothing."""
    if not path.exists():
        return False
    try:
        FileLock(path).release()
    except StoreUnavailable:
        return True
    except OSError:
        return False
    return False
