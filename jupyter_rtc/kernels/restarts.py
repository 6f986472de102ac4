"""Restarts of kernels on another server, shown as soon as they are asked for.

The manager of a local kernel says that it is leaving (``shutting_down``) before anything happens to it. That of a
kernel on another server only passes the request on, and tells of it when it has been answered. Until then nobody here
knows which process takes what is asked of it. So we let it say the same, for as long as the request takes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any


def show_restarts(kernel_manager: Any) -> Callable[[], None]:
    """Let the managers of kernels elsewhere show restarts that are asked for on this server; return what ends that.

    Only one method of this one object is wrapped, and only if its kernels are elsewhere.
    """
    if not any("Gateway" in one.__name__ for one in type(kernel_manager).__mro__):
        return _nothing
    own = vars(kernel_manager).get("restart_kernel")
    restart, under_way = kernel_manager.restart_kernel, Counter[str]()

    @wraps(restart)
    async def wrapped(kernel_id: str, *args: Any, **kwargs: Any) -> Any:
        with _leaving(kernel_manager, kernel_id, under_way):
            return await restart(kernel_id, *args, **kwargs)

    def end() -> None:
        if vars(kernel_manager).get("restart_kernel") is not wrapped:
            return  # somebody wrapped it after us
        if own is None:
            del kernel_manager.restart_kernel
        else:
            kernel_manager.restart_kernel = own

    kernel_manager.restart_kernel = wrapped
    return end


@contextmanager
def _leaving(kernel_manager: Any, kernel_id: str, under_way: Counter[str]) -> Iterator[None]:
    """Show that a kernel is leaving, as long as any restart of it is under way."""
    if kernel_id not in kernel_manager:
        yield  # it is not there, which is for others to say
        return
    manager = kernel_manager.get_kernel(kernel_id)
    under_way[kernel_id] += 1
    manager.shutting_down = True
    try:
        yield
    finally:
        under_way[kernel_id] -= 1
        manager.shutting_down = under_way[kernel_id] > 0
        under_way += Counter()  # forgets those of which none is under way


def _nothing() -> None:
    """Do nothing."""
