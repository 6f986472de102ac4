"""One kernel's life: whether its process is there, and how often it was started again. Decides nothing.

A kernel that was started is ``starting`` until it says otherwise, and it says nothing until it is asked. So each new
process is asked once; and what Jupyter Server still believes of a process that died is put right.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from .board import SOON
from .process import watch_process


class Life:
    """One kernel's."""

    def __init__(self, kernel: Any, look: Callable[[float], None], activity: float) -> None:
        """Follow a kernel, as its ``KernelManager`` shows it; ``activity``: within how long its activity is shown."""
        self.generation = 0
        """How often it was started again."""
        self.is_down = False
        """Whether its process has ended without anybody having asked for it."""
        self.has_died = False
        """Whether it was given up after that."""
        self._kernel = kernel
        self._look = look
        self._activity = activity
        self._pid: int | None = None
        self._end_watch: Callable[[], None] | None = None
        self._greeting: Any | None = None
        self._watched = [("restart", self._went), ("dead", self._given_up)]
        for event, call in self._watched:
            kernel.add_restart_callback(call, event)
        self._traits = [
            name for name in ("execution_state", "last_activity", "reason") if kernel.has_trait(name)
        ]  # a kernel manager of another kind may have none
        if self._traits:
            kernel.observe(self._changed, self._traits)

    @property
    def comes_back(self) -> bool:
        """Whether it is started again by itself."""
        return bool(getattr(self._kernel, "autorestart", False)) and not self.has_died

    def follow(self) -> None:
        """Look whether it has another process than before."""
        provisioner = getattr(self._kernel, "provisioner", None)
        pid = provisioner.pid if isinstance(provisioner, LocalProvisioner) else None
        if pid is None or pid == self._pid:
            return
        first, self._pid = self._pid is None, pid
        self._let_go()
        if not first and self.is_down and "execution_state" in self._traits:
            self._kernel.execution_state = "starting"
        self.is_down = False
        self._end_watch = watch_process(pid, self._ended)
        self._greet()

    def hear(self, action: str) -> None:
        """Take an event of what was done to it."""
        if action == "restart":
            self.generation += 1
            self.follow()
            self.is_down = False

    def close(self) -> None:
        """Follow it no more."""
        self._let_go()
        for event, call in self._watched:
            self._kernel.remove_restart_callback(call, event)
        if self._traits:
            self._kernel.unobserve(self._changed, self._traits)

    def _let_go(self) -> None:
        if self._end_watch is not None:
            self._end_watch()
            self._end_watch = None
        if self._greeting is not None and not self._greeting.closed():
            self._greeting.close()
        self._greeting = None

    def _ended(self) -> None:
        if not getattr(self._kernel, "shutting_down", False):
            self._went()

    def _went(self) -> None:
        self.is_down = True
        self._look(0)

    def _given_up(self) -> None:
        self.is_down = self.has_died = True
        self._look(0)

    def _changed(self, change: Any) -> None:
        self._look(self._activity if change["name"] == "last_activity" else SOON)

    def _greet(self) -> None:
        """Ask a new process for a sign of life."""
        stream = self._greeting = self._kernel.connect_shell()

        def answered(_message: Any) -> None:
            stream.close()
            if getattr(self._kernel, "execution_state", "") == "starting":
                self._kernel.execution_state = "idle"

        stream.on_recv(answered)
        self._kernel.session.send(stream, "kernel_info_request")
