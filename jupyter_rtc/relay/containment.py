"""Where an unforeseen error becomes the failure of one room, or of one participant, and of nothing else. Pure.

What goes wrong as it may is an ``RtcError`` and is dealt with where it happens. Anything else is a defect, of ours or
of code that others gave us. It is not hidden: whoever contains it says whose failure it becomes, and its traceback is
logged.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import TypeVar

from ..errors import is_panic

T = TypeVar("T")

Fail = Callable[[BaseException], None]
"""Takes an unforeseen error, and makes it the failure of what it belongs to."""

_log = logging.getLogger(__name__)


class contained:
    """Hand what is raised inside to ``fail``; cancellation and the end of the process pass.

    Not a generator, as it is entered for each message and each change.
    """

    __slots__ = ("_fail",)

    def __init__(self, fail: Fail) -> None:
        self._fail = fail

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        """End; whether what was raised has been dealt with."""
        if error is None or not (isinstance(error, Exception) or is_panic(error)):
            return False
        self._fail(error)
        return True


def logged(what: str) -> Fail:
    """Return what only logs an error, where nothing depends on what failed; ``what`` is a sentence."""
    return lambda error: _log.error("%s", what, exc_info=error)


async def within(work: Awaitable[None], fail: Fail) -> None:
    """Do this work; what is unforeseen in it is handed to ``fail``."""
    with contained(fail):
        await work


def harmless(tell: Callable[[T], None], what: str) -> Callable[[T], None]:
    """Return what tells the same and never raises; ``what`` is a sentence for the log, where telling fails."""

    def told(value: T) -> None:
        with contained(logged(what)):
            tell(value)

    return told
