"""Hearing of what happens where Jupyter Server announces no event: by wrapping a method of one object.

Only public methods of one instance are wrapped, never a class; the object works as before, and whoever wraps the same
method too (before us or after us) is not disturbed.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any


def after(owner: Any, name: str, call: Callable[[], None]) -> Callable[[], None]:
    """Call ``call`` after each call of a method of this object, however it ends; return what ends that.

    Without effect where the object has no such method. A coroutine is over when its result is there.
    """
    method = getattr(owner, name, None)
    if method is None:
        return _nothing
    calls = [call]
    own = vars(owner).get(name)
    wrapped = _followed(method, lambda: [one() for one in calls])
    setattr(owner, name, wrapped)

    def end() -> None:
        calls.clear()
        if vars(owner).get(name) is not wrapped:
            return  # somebody wrapped it after us
        if own is None:
            delattr(owner, name)
        else:
            setattr(owner, name, own)

    return end


def _followed(method: Callable[..., Any], call: Callable[[], object]) -> Callable[..., Any]:
    async def awaited(result: Any) -> Any:
        try:
            return await result
        finally:
            call()

    @wraps(method)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        result = None
        try:
            result = method(*args, **kwargs)
        finally:
            if not inspect.isawaitable(result):
                call()
        return awaited(result) if inspect.isawaitable(result) else result

    return wrapped


def _nothing() -> None:
    """Do nothing."""
