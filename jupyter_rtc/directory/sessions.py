"""The table ``sessions``: what the session manager has.

It announces nothing, so its methods that change something are followed. A session ends without a word when its kernel
goes; so the kernels' table says when to look again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jupyter_core.utils import ensure_async

from .board import SOON, Rows
from .hooks import after
from .values import text

METHODS = ("create_session", "save_session", "update_session", "delete_session")
"""Of the session manager, after which something may be different."""


class SessionTable:
    """Says what is in the table."""

    def __init__(self, session_manager: Any) -> None:
        """Say what this session manager has."""
        self._manager = session_manager
        self._unhooks: list[Callable[[], None]] = []

    def start(self, look: Callable[[float], None]) -> None:
        """Say from now on when to look again."""
        self._unhooks = [after(self._manager, method, lambda: look(SOON)) for method in METHODS]

    def close(self) -> None:
        """Hear of nothing any more."""
        for unhook in self._unhooks:
            unhook()
        self._unhooks.clear()

    async def rows(self) -> Rows:
        """Return the table."""
        return {model["id"]: _row(model) for model in await ensure_async(self._manager.list_sessions())}


def _row(model: dict[str, Any]) -> dict[str, Any]:
    kernel = model.get("kernel") or {}
    return {
        "path": text(model.get("path")),
        "name": text(model.get("name")),
        "type": text(model.get("type")),
        "kernel_id": text(kernel.get("id")) or None,
    }
