"""How long a run waits until its kernel answers: as long as there is use in it.

There is none once the run is given up, which ``look`` may do, who is called now and then.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from ..supernode.clock import Clock
from .ending import CHECK
from .wire import Wire
from .work import Work


async def until_answered(
    asking: Coroutine[Any, Any, None],
    wire: Wire,
    work: Work,
    clock: Clock,
    look: Callable[[], Awaitable[None]],
    patience: float,
) -> asyncio.Task[None]:
    """Let it be asked; return the task of that, which has ended, or was cancelled when there was no use in it.

    Nor is there any when the kernel has given no sign of life for ``patience`` seconds.
    """
    until = clock.now() + patience
    task = asyncio.create_task(asking, name="connecting to a kernel")
    task.add_done_callback(lambda _: work.changed.set())
    try:
        while not task.done() and not work.progress.cut and clock.now() < until:
            await clock.wait(work.changed, min(until, clock.now() + CHECK))
            work.changed.clear()
            if wire.take_sign_of_life():  # it is busy with what others have asked of it, a console for example
                until = clock.now() + patience
            if not task.done():
                await look()
    finally:
        task.cancel()
        await asyncio.wait([task])
    return task


async def still_answers(wire: Wire, work: Work, clock: Clock, look: Callable[[], Awaitable[None]]) -> bool:
    """Whether a kernel that is connected may be asked; one on another server may if it has just answered."""
    if not wire.is_remote:
        return True
    knocking = await until_answered(wire.knock(), wire, work, clock, look, math.inf)
    return not knocking.cancelled() and knocking.exception() is None
