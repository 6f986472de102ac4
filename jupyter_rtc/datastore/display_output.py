"""An output of a cell that is not a stream: a display, a result or an error. Pure.

Whether it is too large is looked at only when somebody asks, so that of many that replace each other one is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .left_out import Limit, as_kept, extent, placeholder, whole


class DisplayOutput:
    """One output, all of it or what stands for it."""

    def __init__(self, output: dict[str, Any], limit: Limit | None = None) -> None:
        """Take an output as nbformat has it."""
        self._limit = limit
        self._reference: str | None = None
        self._output: dict[str, Any] = {}
        self.change(output)

    def change(self, fields: dict[str, Any]) -> None:
        """Have other data and metadata."""
        self.release()
        self._output = {**self._output, **fields}
        self._looked_at = False
        self.size = extent(self._output)
        """How much of it is shared."""

    def refresh(self) -> None:
        """Keep it beside the document if it is too large."""
        if self._looked_at:
            return
        self._looked_at = True
        if self._limit is not None and self.size > self._limit.size:
            self._reference = self._limit.add(as_kept(self._output))
            self._output = placeholder(self._output, self._reference)
            self.size = extent(self._output)

    def as_nbformat(self) -> dict[str, Any]:
        """Return it as it is shared."""
        return self._output

    def complete(self, fetch: Callable[[str], str]) -> list[dict[str, Any]]:
        """Return all of it; ``fetch`` gives what a reference names."""
        return [self._output] if self._reference is None else whole(self._output, fetch(self._reference))

    def release(self) -> None:
        """Keep nothing beside the document any more."""
        if self._limit is not None and self._reference is not None:
            self._limit.drop()
            self._reference = None
