"""Hearing at once that a process has ended, whoever ended it.

The system tells it through a file descriptor (Linux 5.3), which costs nothing while the process lives. Elsewhere
nothing is heard here, and Jupyter's own look every few seconds is left. The process is not reaped.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable


def watch_process(pid: int, ended: Callable[[], None]) -> Callable[[], None] | None:
    """Call ``ended`` once when this child process has ended; return what ends the watch, or None if there is none."""
    if not hasattr(os, "pidfd_open"):
        return None
    loop = asyncio.get_running_loop()
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        loop.call_soon(ended)
        return _nothing
    except OSError:
        return None
    closed = False

    def close() -> None:
        nonlocal closed
        if not closed:
            closed = True
            loop.remove_reader(descriptor)
            os.close(descriptor)

    def readable() -> None:
        close()
        ended()

    try:
        loop.add_reader(descriptor, readable)
    except NotImplementedError:
        os.close(descriptor)
        return None
    return close


def _nothing() -> None:
    """Do nothing."""
