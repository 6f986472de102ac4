"""Requests to show what is in a folder, and not to show it any longer. When one is done, the tables say so."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from ..documents import Author
from ..errors import DocumentUnavailable
from .folders import FolderTable
from .request import request


class FolderRequests:
    """Answers them."""

    def __init__(self, folders: FolderTable, refresh: Callable[[str], Awaitable[None]]) -> None:
        """Show folders with ``folders``; ``refresh`` brings a table up to date."""
        self._folders = folders
        self._refresh = refresh

    @request("folders.open", "read", "contents")
    async def open(self, asker: Author, *, path: str = "") -> Any:
        """Show what is in a folder and keep it true, until it is closed as often; return its ``path`` and ``count``."""
        folder = await self._folders.open(path, asker.username)
        if folder.state != "ready":
            self._folders.give_back(path, asker.username)
            await self._show()
            raise DocumentUnavailable(folder.reason)
        await self._show()
        return {"path": folder.path, "count": len(folder.rows)}

    @request("folders.close", "read", "contents")
    async def close(self, asker: Author, *, path: str = "") -> None:
        """Show it no longer, unless somebody else looks at it."""
        self._folders.give_back(path, asker.username)
        await self._show()

    async def _show(self) -> None:
        for table in ("contents", "folders"):
            await self._refresh(table)
