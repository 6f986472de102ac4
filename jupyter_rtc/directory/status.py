"""The table ``status``: how the server stands, in one row.

It changes with kernels and documents. That somebody asked the server for a page is told by nothing; the time
of the last activity is right when one of them changed, and after ``status.refresh``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .board import Rows
from .values import seconds

SLOWLY = 0.15
"""Seconds within which a change is shown: a kernel that prints makes one all the time."""


class StatusTable:
    """Says what is in the table."""

    def __init__(self, server: Any, version: str, kernels: Callable[[], Rows], rooms: Callable[[], int]) -> None:
        """Say how this server stands, whose kernels and open rooms are told of elsewhere."""
        self._server = server
        self._version = version
        self._kernels = kernels
        self._rooms = rooms

    async def rows(self) -> Rows:
        """Return the table."""
        web_app = self._server.web_app
        settings: Mapping[str, Any] = web_app.settings
        alive = [row for row in self._kernels().values() if row["execution_state"] != "dead"]
        row = {
            "version": self._version,
            "started": seconds(settings.get("started")),
            "last_activity": seconds(web_app.last_activity()),
            "connections": sum(row["connections"] for row in alive),
            "kernels": len(alive),
            "rooms": self._rooms(),
        }
        return {"server": row}
