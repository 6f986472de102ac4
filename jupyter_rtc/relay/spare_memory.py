"""Giving memory back to the system when a large document has been opened.

To read and to fill it takes several times the memory that it needs afterwards. The C library keeps what was freed for
what may come, in pieces between what is still needed, and a server that was busy once would look as if it still were.
Where the C library has no way to say so (it is glibc that has), nothing is done.
"""

from __future__ import annotations

import asyncio
import ctypes
from collections.abc import Callable


def _trimmer() -> Callable[[int], int] | None:
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return None


_TRIM = _trimmer()


async def give_back() -> None:
    """Give back what is free; on a thread, for it takes some milliseconds."""
    if _TRIM is not None:
        await asyncio.to_thread(_TRIM, 0)
