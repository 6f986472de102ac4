"""Long calculations on plain values, kept off the event loop so that other documents' people do not wait.

Only for values that nobody else changes meanwhile; a ``pycrdt.Doc`` stays on the loop's thread. What is small is
calculated at once: going to a thread and back would take longer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

MUCH = 256 * 1024
"""Characters or bytes from which on a calculation is long: it takes a millisecond or more."""


async def aside(size: int, calculate: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what this gives, calculated on a thread if it has much to work on."""
    if size < MUCH:
        return calculate(*args, **kwargs)
    return await asyncio.to_thread(calculate, *args, **kwargs)
