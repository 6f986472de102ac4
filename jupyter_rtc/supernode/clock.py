"""Time as an input: what the supernode asks of a clock, and the one that the server uses.

Everything that waits does so through a ``Clock``, so that a test decides what time it is.
"""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """Where time comes from."""

    def now(self) -> float:
        """Return seconds since some moment; never goes back."""

    def wall(self) -> float:
        """Return seconds since 1970, to be shown to people; never compared to order anything."""

    async def wait(self, event: asyncio.Event, until: float | None) -> None:
        """Return when the event is set, or when ``now()`` has reached ``until`` (None: only the event)."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        """Return seconds since some moment."""
        return time.monotonic()

    def wall(self) -> float:
        """Return seconds since 1970."""
        return time.time()

    async def wait(self, event: asyncio.Event, until: float | None) -> None:
        """Return when the event is set, or the time has come."""
        seconds = None if until is None else max(0.0, until - self.now())
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            return
