"""Undoing and redoing of what one datastore changed, and nobody else.

It is only safe in a document that keeps what was deleted (``new_document``): where pycrdt collects garbage, undoing
leaves a document that differs from everybody else's, or ends the process (docs/decisions/0007).
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from typing import Any

from pycrdt import Doc, UndoManager


def new_document() -> Doc[Any]:
    """Return an empty document in which changes can be undone."""
    return Doc(skip_gc=True)


class OwnChanges:
    """The transactions of one origin in some roots; each is undone as a whole."""

    def __init__(self, roots: Iterable[Any], origin: str) -> None:
        """Follow from now on."""
        self._moment = count(1)
        self._stacks = UndoManager(scopes=list(roots), capture_timeout_millis=0, timestamp=lambda: next(self._moment))
        self._stacks.include_origin(origin)

    @property
    def can_undo(self) -> bool:
        """Whether there is something to undo."""
        return self._stacks.can_undo()

    @property
    def can_redo(self) -> bool:
        """Whether there is something to redo."""
        return self._stacks.can_redo()

    def undo(self) -> bool:
        """Undo the last transaction; return whether there was one."""
        return self._stacks.can_undo() and self._stacks.undo()

    def redo(self) -> bool:
        """Redo what was undone last; return whether there was something."""
        return self._stacks.can_redo() and self._stacks.redo()

    def forget(self) -> None:
        """Make what was done final."""
        self._stacks.clear()
