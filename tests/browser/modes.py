"""A contents manager for a server under test, for which file modes count even if it runs as root, and disks get full.

While there is a file ``.full`` in the root folder, the disk is full: writing ends with the error that a disk gives.
"""

from __future__ import annotations

import errno
from pathlib import Path

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from tornado.web import HTTPError

FULL = ".full"


class ModesCount(AsyncLargeFileManager):
    """Keeps files as anyone's server does who is not root."""

    async def get(self, path, content=True, **options):
        """Return a file's model, which says whether its mode lets it be written."""
        found = await super().get(path, content, **options)
        return {**found, "writable": self._is_writable(path)} if found["type"] != "directory" else found

    async def save(self, model, path=""):
        """Write a file, unless its mode or the disk forbids it."""
        if not self._is_writable(path):
            raise HTTPError(403, f"Permission denied: {path}")
        if self._is_full():
            raise OSError(errno.ENOSPC, "No space left on device")
        return await super().save(model, path)

    def _is_writable(self, path):
        file = Path(self.root_dir, path.strip("/"))
        return not file.exists() or bool(file.stat().st_mode & 0o200)

    def _is_full(self):
        return Path(self.root_dir, FULL).exists()
