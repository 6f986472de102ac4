"""What stands for all outputs of a cell that has too many: one output, which says how many more there are. Pure.

Outputs are kept beside the document as soon as another follows; then they do not change any more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from .left_out import Limit, as_kept, extent, stand_in, whole
from .stream_output import GROWN


class Outputs(Protocol):
    """Who makes outputs of messages."""

    def hear(self, kind: str, content: dict[str, Any]) -> None:
        """Take a message."""

    def holds(self, display_id: str) -> bool:
        """Whether a display with this id is among them."""

    def update(self, display_id: str, content: dict[str, Any]) -> None:
        """Change the displays with this id."""

    def shed(self, leaving: int) -> list[dict[str, Any]]:
        """Give all outputs away but so many at the end."""

    def as_nbformat(self) -> list[dict[str, Any]]:
        """Return the outputs that are left."""


class FurtherOutputs:
    """All further outputs."""

    def __init__(self, outputs: Outputs, limit: Limit) -> None:
        """Begin without any."""
        self.outputs = outputs
        self.changed = False
        """Whether it says something else since this was made false."""
        self._limit = limit
        self._reference = limit.add("")
        self._kept = 0
        self._said = 0
        self._output = stand_in(0, self._reference)

    @property
    def size(self) -> int:
        """How much of it is shared."""
        return extent(self._output)

    def refresh(self) -> None:
        """Keep what does not change any more."""
        self._keep(leaving=1)
        count = self._kept + len(self.outputs.as_nbformat())
        if count > self._said * GROWN:
            self._say(count)

    def finish(self) -> None:
        """Note that no more is expected: keep all of it, and say exactly how much it is."""
        self._keep(leaving=0)
        if self._kept != self._said:
            self._say(self._kept)

    def as_nbformat(self) -> dict[str, Any]:
        """Return what is shared."""
        return self._output

    def complete(self, fetch: Callable[[str], str]) -> list[dict[str, Any]]:
        """Return all of it; ``fetch`` gives what a reference names."""
        return [*whole(self._output, fetch(self._reference)), *self.outputs.as_nbformat()]

    def release(self) -> None:
        """Keep nothing beside the document any more."""
        self._limit.drop()

    def _keep(self, leaving: int) -> None:
        gone = self.outputs.shed(leaving)
        if gone:
            self._limit.add("".join(map(as_kept, gone)))
            self._kept += len(gone)

    def _say(self, count: int) -> None:
        self._output = stand_in(count, self._reference)
        self._said = count
        self.changed = True
