"""A shared document of an application's own, as tables: ``store = await rtc.store("todo", SCHEMA)``."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from ..tables import Records
from .document import OpenDocument


class Store(OpenDocument):
    """One application's document, while it is open here; ``docs/tables.md`` says what tables can do."""

    def __getitem__(self, table: str) -> Records:
        """Return a table; raises UnknownTable."""
        return self.tables[table]

    def transaction(self) -> AbstractContextManager[Any]:
        """Make all changes within one change, for others and for ``undo``."""
        self.check()
        return self.tables.transaction()

    def undo(self) -> bool:
        """Undo the last change that was made here; return whether there was one. Needs ``undo=True`` at opening."""
        return self.tables.undo()

    def redo(self) -> bool:
        """Redo what was undone last; return whether there was something."""
        return self.tables.redo()
