"""A kernel's process, as far as it is known: there, going, gone for a moment, or gone for good.

It asks Jupyter's ``KernelManager`` and notes what it is told; it starts and stops nothing. A process that cannot be
asked, on a server that does not answer just now, counts as there: what it runs may still end well.
"""

from __future__ import annotations

import asyncio
import logging
import math
from asyncio import Future
from collections.abc import Callable
from typing import Any

from jupyter_core.utils import ensure_async

from ..errors import KernelUnavailable
from ..supernode.clock import Clock
from . import reasons

_log = logging.getLogger(__name__)

START_CHECK = 0.1
"""Seconds between two looks whether a kernel has been started."""


class Process:
    """The process of one kernel."""

    def __init__(self, kernel_manager: Any, kernel_id: str, clock: Clock, start_timeout: float) -> None:
        """Look at it for the first time. Raises KeyError: there is no such kernel."""
        self.manager = kernel_manager.get_kernel(kernel_id)
        """Its own ``KernelManager``."""
        self._all = kernel_manager
        self._id = kernel_id
        self._clock = clock
        self._start_timeout = start_timeout
        self._down_since: float | None = None
        self.went_at = -math.inf
        """When it went the last time, by our clock."""
        self._known_start = self._newest_start
        self._is_dead = False
        self._is_asked_in_vain = False

    @property
    def is_gone(self) -> bool:
        """Whether the server has forgotten it, or has another one under its name."""
        return self._id not in self._all or self._all.get_kernel(self._id) is not self.manager

    @property
    def is_leaving(self) -> bool:
        """Whether somebody is just shutting it down, for good or in order to start it again."""
        return bool(getattr(self.manager, "shutting_down", False)) and not self._came_to_nothing()

    @property
    def is_down(self) -> bool:
        """Whether it is known to have ended."""
        return self._down_since is not None

    @property
    def is_coming_back(self) -> bool:
        """Whether it is down, and may still be started again by itself or by who shut it down."""
        if self._down_since is None or self._clock.now() - self._down_since >= self._start_timeout:
            return False
        return self.is_leaving or not (self._is_dead or self.could_not_start)

    @property
    def is_started(self) -> bool:
        """Whether there is something to connect to; a server may name a kernel before it has started it."""
        return bool(getattr(self.manager, "has_kernel", True))

    @property
    def could_not_start(self) -> bool:
        """Whether it was to be started, for the first time or again, and that failed."""
        return not self.is_started and self._came_to_nothing()

    async def until_started(self, changed: asyncio.Event, given_up: Callable[[], bool], until: float) -> None:
        """Return once there is something to connect to, or when it is given up, which ``changed`` tells.

        Raises:
            KernelUnavailable: it could not be started, or it takes longer than until then.

        """
        while not self.is_started and not given_up():
            if self.could_not_start:
                raise KernelUnavailable(reasons.NOT_STARTED)
            if self.is_gone or self._clock.now() >= until:
                raise KernelUnavailable(reasons.NO_KERNEL)
            await self._clock.wait(changed, self._clock.now() + START_CHECK)
            changed.clear()

    async def is_alive(self) -> bool:
        """Whether it is there, as far as anybody can tell; one that is being started is."""
        if self.is_gone or self.could_not_start:
            return False
        return not self.is_started or await self._ask() is not False

    async def is_back(self) -> bool:
        """Whether it is there again; from then on it counts as new."""
        start = self._newest_start
        if not self.is_down or self.is_leaving or (self._is_dead and self.is_hearsay) or not await self._ask():
            return False
        self.came_back()
        self._known_start = start
        return True

    def go_down(self) -> bool:
        """Note that it has ended; return whether that is news."""
        if self.is_down:
            return False
        self._down_since = self.went_at = self._clock.now()
        return True

    def give_up(self) -> None:
        """Note that nobody starts it again by itself."""
        self._is_dead = True

    def came_back(self) -> None:
        """Note that it is there again."""
        self._down_since, self._is_dead = None, False
        self._known_start = self._newest_start

    @property
    def is_known(self) -> bool:
        """Whether it was started no more since it was seen first, or found to be back: word of a restart is no news.

        Of a kernel elsewhere each word of a restart is news: only who asked for it here has word of it.
        """
        newest = self._newest_start
        return not self.is_down and newest is self._known_start and newest is not None and newest.done()

    @property
    def is_another(self) -> bool:
        """Whether it was started or shut down since it was seen first or found to be back; word of it may yet come."""
        return self._newest_start is not self._known_start and not self._came_to_nothing()

    @property
    def is_hearsay(self) -> bool:
        """Whether another server is asked for it, which names a kernel as long as nobody removes it.

        That server's starts are not told here: the future of them is never done.
        """
        return self._newest_start is not None and not self._newest_start.done()

    def watch(self, died: Callable[[], None], gave_up: Callable[[], None]) -> Callable[[], None]:
        """Let Jupyter's restarter say when it has died, and when it is not started again; return what ends that."""
        watched = [("restart", died), ("dead", gave_up)]
        for event, call in watched:
            self.manager.add_restart_callback(call, event)

        def end() -> None:
            for event, call in watched:
                self.manager.remove_restart_callback(call, event)

        return end

    @property
    def _newest_start(self) -> Future[Any] | None:
        """What Jupyter's manager makes anew each time that it starts the kernel, or shuts it down."""
        return getattr(self.manager, "ready", None)

    def _came_to_nothing(self) -> bool:
        """Whether the newest attempt to start it, or to shut it down, failed."""
        newest = self._newest_start
        return newest is not None and newest.done() and not newest.cancelled() and newest.exception() is not None

    async def _ask(self) -> bool | None:
        """Return whether it is alive; None: nobody can say."""
        try:
            alive = bool(await ensure_async(self.manager.is_alive()))
        except Exception:  # noqa: BLE001  whatever a kernel's server or provisioner raises, it is no death
            if not self._is_asked_in_vain:
                _log.warning("It cannot be found out whether kernel %s is alive", self._id, exc_info=True)
            self._is_asked_in_vain = True
            return None
        self._is_asked_in_vain = False
        return alive
