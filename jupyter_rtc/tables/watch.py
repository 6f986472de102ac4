"""Changes as an asynchronous iterator.

It begins with the call, not with the first step. Who is slow misses nothing: from ``PENDING`` changes on, those of one
record are joined, so that what waits is never more than that and one change for each record.
"""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Self

from anyio import Event

from .changes import Change, joined
from .observer import Heard, Hearer

PENDING = 1_000
"""How many changes wait one by one."""


class Watch:
    """An asynchronous iterator over changes.

    It ends when it or the datastore is closed; and it is forgotten as soon as nobody holds it.
    """

    def __init__(self, hear: Callable[[Heard], Hearer], pending: int = PENDING) -> None:
        """Begin to hear."""
        self._waiting: deque[Change] = deque()
        self._pending = pending
        self._room_for = pending
        self._woken: Event | None = None
        self._closed = False
        weak_self = weakref.ref(self)

        def heard(changes: tuple[Change, ...]) -> None:
            watch = weak_self()
            if watch is not None:
                watch._heard(changes)

        self._hearer = hear(heard)
        self._hearer.ended = lambda: _end(weak_self())
        weakref.finalize(self, self._hearer.close).atexit = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Change:
        while not self._waiting:
            if self._closed:
                raise StopAsyncIteration
            self._woken = Event()
            await self._woken.wait()
        return self._waiting.popleft()

    def close(self) -> None:
        """Hear no more; what waits can still be had."""
        self._closed = True
        self._hearer.close()
        self._wake()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _heard(self, changes: tuple[Change, ...]) -> None:
        self._waiting.extend(changes)
        if len(self._waiting) > self._room_for:
            self._waiting = deque(joined(self._waiting))
            self._room_for = self._pending + len(self._waiting)
        elif len(self._waiting) <= self._pending:
            self._room_for = self._pending
        self._wake()

    def _wake(self) -> None:
        if self._woken is not None:
            self._woken.set()
            self._woken = None


def _end(watch: Watch | None) -> None:
    if watch is not None:
        watch.close()
