"""Requests about terminals: what Jupyter's REST interface does at ``api/terminals``, where they are switched on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_core.utils import ensure_async

from ..documents import Author
from ..errors import DocumentMissing, NotAllowed
from .request import request

OFF = "Terminals are switched off on this server."


class TerminalRequests:
    """Answers them."""

    def __init__(self, manager: Callable[[], Any], root: Path) -> None:
        """Use what ``manager`` gives, another extension's terminal manager or None; ``root`` is the server's folder."""
        self._find = manager
        self._root = root

    @request("terminals.create", "write", "terminals")
    async def create(self, _asker: Author, *, cwd: str | None = None) -> Any:
        """Start a terminal, in a folder; return its model."""
        manager = self._manager()
        options = {} if cwd is None else {"cwd": str(self._folder(cwd))}
        return await ensure_async(manager.create(**options))

    @request("terminals.delete", "write", "terminals")
    async def delete(self, _asker: Author, *, name: str) -> None:
        """End a terminal."""
        manager = self._manager()
        if name not in manager.terminals:
            raise DocumentMissing(f"There is no terminal {name!r} on this server.")
        await ensure_async(manager.terminate(name, force=True))

    def _folder(self, cwd: str) -> Path:
        """Return the folder that is meant, from the server's on, as REST does; one that is not there would hang it."""
        folder = self._root / cwd.strip("/")
        if not folder.is_dir():
            raise DocumentMissing(f"There is no folder {cwd!r} on this server.")
        return folder

    def _manager(self) -> Any:
        manager = self._find()
        if manager is None:
            raise NotAllowed(OFF)
        return manager
