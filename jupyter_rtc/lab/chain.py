"""The order of requests that one page sends over several connections: each names the one before it.

A request waits for its predecessor until that was queued, and no longer than a few seconds.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ..errors import RunError

PATIENCE = 10.0
"""Seconds that a request waits for its predecessor."""
REMEMBERED = 10_000


class PredecessorMissing(RunError):
    """The request before this one never came."""

    code = "predecessor_timeout"
    status = 408


class Chain:
    """The requests that came, and those that are waited for."""

    def __init__(self, patience: float = PATIENCE) -> None:
        """Begin with none."""
        self._patience = patience
        self._done: OrderedDict[str, asyncio.Event] = OrderedDict()

    @asynccontextmanager
    async def turn(self, request: str | None, predecessor: str | None) -> AsyncIterator[None]:
        """Let the caller go on when the predecessor has; raises PredecessorMissing."""
        if predecessor is not None:
            try:
                async with asyncio.timeout(self._patience):
                    await self._event(predecessor).wait()
            except TimeoutError as error:
                raise PredecessorMissing("The request before this one never came; run the cells again.") from error
        try:
            yield
        finally:
            if request is not None:
                self._event(request).set()

    def _event(self, request: str) -> asyncio.Event:
        event = self._done.setdefault(request, asyncio.Event())
        while len(self._done) > REMEMBERED:
            self._done.popitem(last=False)
        return event
