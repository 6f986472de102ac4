"""A log that can always be opened: the chosen file, or the next best place, and words about it.

A store that cannot be used must never keep people from their files. A second server that finds the file in use
takes a file of its own beside it; where nothing can be written at all, the log is in memory, which loses what a
crash would otherwise leave: unsaved changes. What had to be done is said in ``words``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..errors import StoreError, StoreUnavailable
from .log import Log
from .memory import MemoryLog
from .sqlite import SqliteLog

SIBLINGS = 8
"""How many servers on one machine find a file of their own."""


async def open_log(path: Path, make: Callable[[Path], SqliteLog]) -> tuple[Log, str | None]:
    """Open the log at this path, or the next best one; return it, and in words what was not as it should be."""
    problem: StoreError | None = None
    for candidate in _candidates(path):
        log = make(candidate)
        try:
            await log.open()
        except StoreUnavailable as error:
            problem = problem or error
        except StoreError as error:
            problem = error
            break
        else:
            return log, log.set_aside
    memory = MemoryLog()
    await memory.open()
    return memory, (
        f"{problem.words if problem else ''} "
        "Until that is mended, changes are kept in memory and in the files only, and a crash loses what is not saved."
    ).strip()


def _candidates(path: Path) -> list[Path]:
    others = [path.with_name(f"{path.stem}-{number}{path.suffix}") for number in range(2, SIBLINGS + 1)]
    return [path, *others]
