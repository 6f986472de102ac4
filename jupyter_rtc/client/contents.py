"""The server's files and folders: what can be done with them, whether they are open or not.

Models are those of Jupyter's contents REST interface. To edit a file beside others, open it: ``rtc.notebook``,
``rtc.text``. Each call raises RequestFailed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from ..tables import Query
from .requests import Requests
from .server_tables import ServerTables


class ServerContents:
    """``rtc.contents``."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests

    async def create(self, folder: str = "", type: str = "notebook", ext: str = "") -> str:
        """Create an empty ``notebook``, ``file`` or ``directory``; return its path, which the server chooses."""
        return str((await self._requests.ask("contents.create", path=folder, type=type, ext=ext))["path"])

    async def fetch(self, path: str, *, content: bool = True) -> dict[str, Any]:
        """Return the model of a file or folder, with its content or without."""
        return dict(await self._requests.ask("contents.fetch", path=path, content=content))

    async def save(self, path: str, content: Any, *, type: str = "file", format: str | None = None) -> dict[str, Any]:
        """Write a file: a text, base64 (``format="base64"``), or a notebook as JSON (``type="notebook"``)."""
        args: dict[str, Any] = {} if format is None else {"format": format}
        return dict(await self._requests.ask("contents.save", path=path, type=type, content=content, **args))

    async def make_folder(self, path: str) -> dict[str, Any]:
        """Make a folder."""
        return dict(await self._requests.ask("contents.save", path=path, type="directory"))

    async def rename(self, path: str, new_path: str) -> dict[str, Any]:
        """Give a file or folder another path. Documents that are open follow."""
        return dict(await self._requests.ask("contents.rename", path=path, new_path=new_path))

    async def copy(self, path: str, to: str = "") -> str:
        """Copy a file into a folder or to a path; return the copy's path."""
        return str((await self._requests.ask("contents.copy", path=path, to=to))["path"])

    async def delete(self, path: str) -> None:
        """Delete a file or folder."""
        await self._requests.ask("contents.delete", path=path)

    async def checkpoint(self, path: str) -> str:
        """Keep the file as it is now; return the checkpoint's id."""
        return str((await self._requests.ask("contents.checkpoint", path=path))["id"])

    async def restore(self, path: str, checkpoint_id: str) -> None:
        """Make the file be again as it was at a checkpoint."""
        await self._requests.ask("contents.restore", path=path, checkpoint_id=checkpoint_id)


@asynccontextmanager
async def open_folder(requests: Requests, tables: ServerTables, path: str) -> AsyncIterator[Query]:
    """Look at a folder: within, the rows of what is in it are kept true."""
    plain = path.strip("/")
    await requests.ask("folders.open", path=plain)
    try:
        await tables.refresh()
        yield tables.contents.where(folder=plain)
    finally:
        await requests.ask("folders.close", path=plain)
