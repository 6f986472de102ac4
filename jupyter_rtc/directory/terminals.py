"""The table ``terminals``: what the terminal manager has, if this server has one.

It announces nothing, so its methods that change something are followed. It comes with another extension, which may
be loaded later than this one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from .board import SOON, Rows
from .hooks import after
from .values import seconds

ACTIVITY = 1.0
"""Seconds within which the time of the last activity is shown: a terminal that prints changes it all the time."""
METHODS = {"create": SOON, "new_named_terminal": SOON, "terminate": SOON, "on_eof": SOON, "pre_pty_read_hook": ACTIVITY}
"""Of the terminal manager, after which something may be different, and within how long that is shown."""


class TerminalTable:
    """Says what is in the table."""

    def __init__(self, manager: Callable[[], Any | None]) -> None:
        """Say what this terminal manager has; a function, for it may not be there yet."""
        self._find = manager
        self._manager: Any | None = None
        self._unhooks: list[Callable[[], None]] = []

    def start(self, look: Callable[[float], None]) -> None:
        """Say from now on when to look again."""
        self._manager = self._find()
        if self._manager is not None:
            self._unhooks = [after(self._manager, method, partial(look, within)) for method, within in METHODS.items()]

    def close(self) -> None:
        """Hear of nothing any more."""
        for unhook in self._unhooks:
            unhook()
        self._unhooks.clear()

    async def rows(self) -> Rows:
        """Return the table."""
        if self._manager is None:
            return {}
        terminals = dict(self._manager.terminals)
        return {
            name: {"last_activity": seconds(getattr(terminal, "last_activity", None))}
            for name, terminal in terminals.items()
        }
