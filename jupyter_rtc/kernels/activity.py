"""How active a kernel is, as Jupyter Server knows it: for its REST answers, and for the culling of idle kernels.

Jupyter Server listens to each kernel by itself, with a queue that drops messages while the kernel talks much: it may
then miss the ``idle``, and it reads everything a second time. While we are connected we hear all of it anyway, so we
note what it would note, by its own rules, and it need not listen. When we hang up, it listens again.

Only a ``MappingKernelManager`` with local kernels works like this; any other is left as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from .message import Message


class Activity:
    """One kernel's."""

    def __init__(self, kernel_manager: Any, kernel_id: str) -> None:
        """Get ready; nothing is changed. Raises KeyError: there is no such kernel."""
        self._manager = kernel_manager
        self._id = kernel_id
        self._kernel = kernel_manager.get_kernel(kernel_id)
        self._is_ours = False
        self._track: Callable[[str | None], bool] = lru_cache(maxsize=64)(self._ask)
        """Whether messages of a type tell of what a user does."""

    def take_over(self) -> None:
        """Note from now on how active the kernel is; may be said again, after a restart for example."""
        stream = getattr(self._kernel, "_activity_stream", None)
        if stream is None or not hasattr(self._manager, "track_message_type"):
            return
        # Not ``stop_watching_activity``: that would also end the wait of whoever is restarting the kernel just now.
        if not stream.closed():
            stream.close()
        self._kernel._activity_stream = None
        self._is_ours = True

    def give_back(self) -> None:
        """Let the server listen again, if the kernel is still there."""
        if self._is_ours and self._id in self._manager and self._manager.get_kernel(self._id) is self._kernel:
            self._manager.start_watching_activity(self._id)
        self._is_ours = False

    def hear(self, messages: Sequence[Message]) -> None:
        """Note what these messages of the kernel say."""
        if not self._is_ours:
            return
        active = False
        state = known = self._kernel.execution_state
        for message in messages:
            if message.channel == "iopub":
                by_user = self._track(message.parent_type)
                active = active or by_user or state == "busy" or self._track(message.type)
                if message.type == "status":
                    state = _next_state(state, message.content.get("execution_state"), by_user=by_user)
                    if state != known:
                        known = self._kernel.execution_state = state
        if active:
            self._manager.last_kernel_activity = self._kernel.last_activity = datetime.now(UTC)

    def _ask(self, kind: str | None) -> bool:
        return bool(self._manager.track_message_type(kind))


def _next_state(state: Any, said: Any, *, by_user: bool) -> Any:
    """Return the state of a kernel in this state that says this, because of what a user did or for another reason."""
    if by_user:
        return said
    return "idle" if state == "starting" and said != "starting" else state
