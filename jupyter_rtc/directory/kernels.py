"""The table ``kernels``: what the kernel manager has, and what died.

Heard of are: Jupyter Server's events of what is done to kernels, its kernels' traits, connections, and the end of a
kernel's process, which is seen at once where the system tells it (``process``). Jupyter notices a death only with its
next look, some seconds later, and starts the kernel again; until then it is shown as ``restarting``, or as ``dead``
where nobody starts it again. A kernel that was given up stays in the table, dead, with the reason.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from jupyter_core.utils import ensure_async
from traitlets import TraitError

from ..kernels.kernels import KERNEL_EVENTS
from ..kernels.reasons import DIED
from ..tables.jupyter import EXECUTION_STATES
from .board import SOON, Rows
from .hooks import after
from .life import Life
from .values import one_of, seconds, text

ACTIVITY = 1.0
"""Seconds within which the time of the last activity is shown: a kernel that prints changes it all the time."""
REMEMBERED = 20
"""How many kernels that died are shown at most."""
METHODS = ("start_kernel", "remove_kernel", "notify_connect", "notify_disconnect")
"""Of the kernel manager, after which something may be different."""


class KernelTable:
    """Says what is in the table."""

    def __init__(self, kernel_manager: Any, event_logger: Any | None) -> None:
        """Say what this kernel manager has."""
        self._manager = kernel_manager
        self._events = event_logger
        self._look: Callable[[float], None] = _nobody
        self._unhooks: list[Callable[[], None]] = []
        self._lives: dict[str, Life] = {}
        self._dead: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self._shown: dict[str, dict[str, Any]] = {}

    def start(self, look: Callable[[float], None]) -> None:
        """Say from now on when to look again."""
        self._look = look
        if self._events is not None:
            self._events.add_listener(schema_id=KERNEL_EVENTS, listener=self._on_event)
        self._unhooks = [after(self._manager, method, lambda: self._look(SOON)) for method in METHODS]

    async def close(self) -> None:
        """Hear of nothing any more."""
        if self._events is not None:
            self._events.remove_listener(schema_id=KERNEL_EVENTS, listener=self._on_event)
        for unhook in self._unhooks:
            unhook()
        for life in self._lives.values():
            life.close()
        self._lives.clear()

    @property
    def shown(self) -> Rows:
        """Those of the table's kernels that were there when it was last returned."""
        return self._shown

    async def rows(self) -> Rows:
        """Return the table."""
        try:
            models = {model["id"]: model for model in await ensure_async(self._manager.list_kernels())}
        except TraitError:
            # Jupyter cannot tell the last activity of a kernel that is only just starting, and then tells nothing of
            # the others. What the table has stays until that start is over, which is another reason to look.
            return {**self._dead, **self._shown}
        for kernel_id in self._lives.keys() - models.keys():
            self._forget(kernel_id)
        for kernel_id in models:
            self._dead.pop(kernel_id, None)
            self._follow(kernel_id)
        self._shown = {kernel_id: self._row(model) for kernel_id, model in models.items()}
        return {**self._dead, **self._shown}

    def _row(self, model: dict[str, Any]) -> dict[str, Any]:
        life = self._lives.get(model["id"])
        row = {
            "name": text(model.get("name")),
            "execution_state": one_of(model.get("execution_state"), EXECUTION_STATES, "unknown"),
            "generation": life.generation if life else 0,
            "connections": int(model.get("connections") or 0),
            "last_activity": seconds(model.get("last_activity")),
            "reason": text(model.get("reason")),
        }
        if life is not None and life.is_down:
            row["execution_state"] = "restarting" if life.comes_back else "dead"
            row["reason"] = "" if life.comes_back else DIED.evalue
        return row

    def _follow(self, kernel_id: str) -> None:
        life = self._lives.get(kernel_id)
        if life is None:
            try:
                kernel = self._manager.get_kernel(kernel_id)
            except KeyError:
                return  # another server's
            life = self._lives[kernel_id] = Life(kernel, self._look, ACTIVITY)
        life.follow()

    def _forget(self, kernel_id: str) -> None:
        life = self._lives.pop(kernel_id)
        life.close()
        if life.has_died:
            row = self._shown.get(kernel_id, {})
            self._dead[kernel_id] = {**row, "execution_state": "dead", "reason": DIED.evalue, "connections": 0}
        while len(self._dead) > REMEMBERED:
            self._dead.popitem(last=False)

    async def _on_event(self, logger: Any, schema_id: str, data: dict[str, Any]) -> None:
        self._look(SOON)
        kernel_id = data.get("kernel_id", "")
        if data.get("status") != "error" and kernel_id in self._manager:
            self._follow(kernel_id)  # from its start on: it may be started again before the next look
            if life := self._lives.get(kernel_id):
                life.hear(data["action"])


def _nobody(_within: float) -> None:
    """Tell nobody: it has not been started."""
