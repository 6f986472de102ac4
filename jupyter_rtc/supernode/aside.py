"""Long calculations on plain values, kept off the event loop so that other documents' people do not wait.

Only for values that nobody else changes meanwhile; a ``pycrdt.Doc`` stays on the loop's thread. What is small is
calculated at once: going to a thread and back would take longer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

MUCH = 256 * 1024
"""Characters or bytes from which on a calculation is long: it takes a millisecond or more."""


def is_much(value: Any) -> bool:
    """Whether this JSON value, text or these bytes are much; it looks no further than it must."""
    left, waiting = MUCH, [value]
    while waiting and left > 0:
        one = waiting.pop()
        if isinstance(one, str | bytes):
            left -= len(one)
        elif isinstance(one, dict):
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
        left -= 1
    return left <= 0


async def aside(size: int, calculate: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what this gives, calculated on a thread if it has much to work on."""
    if size < MUCH:
        return calculate(*args, **kwargs)
    return await asyncio.to_thread(calculate, *args, **kwargs)
