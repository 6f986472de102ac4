"""The table ``sessions``: what the session manager has.

It announces nothing, so its methods that change something are followed. A session ends without a word when its kernel
goes; so the kernels' table says when to look again. A session of an open file goes with it when the file is moved: of
the stock frontends, only one that has it open would see to that.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any

from jupyter_core.utils import ensure_async
from tornado.web import HTTPError

from ..notices import Notice, NoticeKind
from .board import SOON, Rows
from .hooks import after
from .values import text

_log = logging.getLogger(__name__)

METHODS = ("create_session", "save_session", "update_session", "delete_session")
"""Of the session manager, after which something may be different."""


class SessionTable:
    """Says what is in the table."""

    def __init__(self, session_manager: Any) -> None:
        """Say what this session manager has."""
        self._manager = session_manager
        self._unhooks: list[Callable[[], None]] = []
        self._look: Callable[[float], None] | None = None
        self._moved: list[tuple[str, str]] = []
        """From where to where files were moved since the last look."""

    def start(self, look: Callable[[float], None]) -> None:
        """Say from now on when to look again."""
        self._look = look
        self._unhooks = [after(self._manager, method, lambda: look(SOON)) for method in METHODS]

    def close(self) -> None:
        """Hear of nothing any more."""
        for unhook in self._unhooks:
            unhook()
        self._unhooks.clear()
        self._look = None

    def hear(self, notice: Notice) -> None:
        """Take note of a file that was moved."""
        if notice.kind is NoticeKind.MOVED and notice.former and notice.path and self._look is not None:
            self._moved.append((notice.former, notice.path))
            self._look(0)

    async def rows(self) -> Rows:
        """Let sessions follow their files, and return the table."""
        moved, self._moved = self._moved, []
        models = await ensure_async(self._manager.list_sessions())
        for former, path in moved:
            for model in models:
                if model.get("path") == former:
                    await self._move(model, path)
        return {model["id"]: _row(model) for model in models}

    async def _move(self, model: dict[str, Any], path: str) -> None:
        changes = {"path": path}
        if model.get("name") == PurePosixPath(model["path"]).name:
            changes["name"] = PurePosixPath(path).name
        model |= changes
        try:
            await ensure_async(self._manager.update_session(model["id"], **changes))
        except HTTPError:
            _log.debug("A session ended while its file was moved to %s", path)


def _row(model: dict[str, Any]) -> dict[str, Any]:
    kernel = model.get("kernel") or {}
    return {
        "path": text(model.get("path")),
        "name": text(model.get("name")),
        "type": text(model.get("type")),
        "kernel_id": text(kernel.get("id")) or None,
    }
