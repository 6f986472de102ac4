"""A table as plain values, kept as the document is, so that whoever observes it can be told what was before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .changes import Change, Snapshot, differing
from .fields import read
from .schema import Field, Ordered, Table
from .shelf import UNKNOWN, Shelf, Touched, value_at


@dataclass(frozen=True, slots=True)
class View:
    """What of a table somebody wants to see."""

    table: str
    fields: frozenset[str] | None = None
    """Which fields; None: all."""
    only: str | None = None
    """Which record; None: all."""


class Mirror:
    """What of a table is in a view."""

    def __init__(self, table: Table, shelf: Shelf, view: View) -> None:
        """Read it."""
        self._table = table
        self._shelf = shelf
        self._ordered = isinstance(table.storage, Ordered)
        self._fields = {name: one for name, one in table.fields.items() if view.fields is None or name in view.fields}
        self._only = view.only
        self.records: dict[str, Snapshot] = {}
        """In the order of the table, if it has one."""
        if view.only is None:
            self.records = {key: snapshot(self._fields, found) for key, found in shelf.items()}
        elif (found := shelf.find(view.only)) is not None:
            self.records[view.only] = snapshot(self._fields, found)
        self.version = 0
        """Grows with each transaction that changes something here."""

    def take(self, touched: Touched, *, own: bool, origin: Any) -> list[Change]:
        """Look at what was touched, and return what has changed."""
        whole = self._to_be_read(touched)
        after: dict[str, Snapshot | None] = {}
        for record_id in whole:
            found = self._shelf.find(record_id)
            after[record_id] = None if found is None else snapshot(self._fields, found)
        for record_id, values in touched.fields.items():
            if record_id not in whole and self._only in (None, record_id):
                after[record_id] = self._with_fields(record_id, values)
        changes = []
        for record_id, now in after.items():
            looked_at = None if record_id in whole else touched.fields[record_id]
            change = self._change(record_id, now, looked_at, own, origin)
            if change is not None:
                changes.append(change)
                self._keep(record_id, now)
        if whole and self._ordered and self._only is None:
            self.records = {one: self.records[one] for one in self._shelf.ids() if one in self.records}
        self.version += bool(changes)
        return changes

    def _to_be_read(self, touched: Touched) -> set[str]:
        """Return the records of the view of which everything may have changed."""
        if self._only is not None:
            return {self._only} if touched.everything or self._only in touched.whole else set()
        if touched.everything:
            return touched.whole | self.records.keys() | set(self._shelf.ids())
        return touched.whole

    def _keep(self, record_id: str, now: Snapshot | None) -> None:
        if now is None:
            del self.records[record_id]
        else:
            self.records[record_id] = now

    def _with_fields(self, record_id: str, values: Mapping[str, Any]) -> Snapshot | None:
        """Return a record as it is now, of which only these fields can have changed."""
        before = self.records.get(record_id)
        if before is None:
            found = self._shelf.find(record_id)
            return None if found is None else snapshot(self._fields, found)
        now: dict[str, Any] = {}
        for name, raw in values.items():
            field = self._fields.get(name)
            if field is None:
                continue
            if raw is UNKNOWN:
                found = self._shelf.find(record_id)
                if found is None:
                    return None
                raw = value_at(found, name)
            now[name] = read(field, raw)
        return {**before, **now} if now else before

    def _change(
        self, record_id: str, now: Snapshot | None, looked_at: Iterable[str] | None, own: bool, origin: Any
    ) -> Change | None:
        """Return what has changed; ``looked_at`` is None if the whole record may have, or been moved."""
        before = self.records.get(record_id)
        if before is now:
            return None
        fields = differing(before, now, looked_at)
        moved = looked_at is None and self._ordered and before is not None and now is not None
        if fields or moved or before is None or now is None:
            return Change(self._table.name, record_id, before, now, fields, moved, own, origin)
        return None


def snapshot(fields: Mapping[str, Field], found: Any) -> dict[str, Any]:
    """Return these fields of a record as plain values."""
    return {name: read(field, value_at(found, name)) for name, field in fields.items()}
