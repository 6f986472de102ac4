"""The order of requests that one page sends over several connections: each names the one before it.

A request waits for its predecessor until that was queued, and no longer than a few seconds. If it never comes, those
that wait for it, and for them, are refused; what is asked after that goes on.
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


class _Request:
    """One request: whether it had its turn, or never will."""

    def __init__(self) -> None:
        self.over = asyncio.Event()
        self.refused = False


class Chain:
    """The requests that came, and those that are waited for."""

    def __init__(self, patience: float = PATIENCE) -> None:
        """Begin with none."""
        self._patience = patience
        self._requests: OrderedDict[str, _Request] = OrderedDict()

    @asynccontextmanager
    async def turn(self, request: str | None, predecessor: str | None) -> AsyncIterator[None]:
        """Let the caller go on when the predecessor has; raises PredecessorMissing."""
        own = _Request() if request is None else self._request(request)
        try:
            if predecessor is not None:
                await self._wait(own, self._request(predecessor))
            yield
        finally:
            own.over.set()

    async def _wait(self, own: _Request, predecessor: _Request) -> None:
        if predecessor.over.is_set():
            return
        try:
            async with asyncio.timeout(self._patience):
                await predecessor.over.wait()
            own.refused = predecessor.refused
        except TimeoutError:
            own.refused = True
        if own.refused:
            raise PredecessorMissing("The request before this one never came; run the cells again.")

    def _request(self, name: str) -> _Request:
        found = self._requests.setdefault(name, _Request())
        while len(self._requests) > REMEMBERED:
            self._requests.popitem(last=False)
        return found
