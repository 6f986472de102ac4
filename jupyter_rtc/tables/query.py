"""Some of a table's records: those that have certain values, or for which a function is true."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .changes import Change
from .mirror import View, snapshot
from .observer import Heard, Hearer, Observer
from .record import Record
from .shelf import Shelf
from .watch import Watch

if TYPE_CHECKING:
    from .records import Records

Predicate = Callable[[Mapping[str, Any]], bool]


class Query:
    """Records that fulfil a condition, whichever they are at the moment."""

    def __init__(
        self,
        table: Records,
        shelf: Shelf,
        observer: Observer,
        predicate: Predicate | None,
        equal: Mapping[str, Any],
    ) -> None:
        self._table = table
        self._shelf = shelf
        self._observer = observer
        self._predicate = predicate
        self._id = equal.get("id")
        self._equal = {name: value for name, value in equal.items() if name != "id"}

    def __iter__(self) -> Iterator[Record]:
        return iter([Record(self._table, record_id) for record_id in self.ids()])

    def __len__(self) -> int:
        return len(self.ids())

    def ids(self) -> list[str]:
        """Return the ids of the records."""
        return [record_id for record_id, _ in self._matching()]

    def as_dict(self) -> dict[str, Mapping[str, Any]]:
        """Return the records as plain values, under their ids."""
        fields = self._table.declared.fields
        return {record_id: snapshot(fields, found) for record_id, found in self._matching()}

    def first(self) -> Record | None:
        """Return the first of the records, or None if there is none."""
        return next((Record(self._table, record_id) for record_id, _ in self._matching()), None)

    def where(self, predicate: Predicate | None = None, /, **equal: Any) -> Query:
        """Return those of these records that fulfil another condition as well."""
        mine = self._predicate
        both = predicate if mine is None else mine
        if mine is not None and predicate is not None:
            both = lambda record: mine(record) and predicate(record)  # noqa: E731
        known = {**self._equal, **({} if self._id is None else {"id": self._id})}
        return self._table.where(both, **known, **equal)

    def observe(self, heard: Heard, *fields: str) -> Hearer:
        """Call ``heard`` with what each transaction changed in the records, or in these fields of them.

        What comes to fulfil the condition was not there before; what does so no longer is not there after.
        """
        declared = self._table.declared
        for name in fields:
            declared.field(name)
        wanted = frozenset({*fields, *self._equal}) if fields and self._predicate is None else None
        if not fields and not self._equal and self._id is None and self._predicate is None:
            return self._observer.hear([View(self._table.name)], heard)

        def seen(changes: tuple[Change, ...]) -> None:
            found = [one for change in changes if (one := self._seen(change)) is not None]
            found = [one for one in found if not fields or one.kind != "updated" or one.fields & set(fields)]
            if found:
                heard(tuple(found))

        return self._observer.hear([View(self._table.name, wanted, self._id)], seen)

    def watch(self, *fields: str) -> Watch:
        """Return an asynchronous iterator over the changes of the records, or of these fields of them, from now on."""
        return Watch(lambda heard: self.observe(heard, *fields))

    def _matching(self) -> Iterator[tuple[str, Any]]:
        fields = self._table.declared.fields
        needed = fields if self._predicate else {name: fields[name] for name in self._equal}
        if self._id is not None:
            found = self._shelf.find(self._id)
            candidates = iter(() if found is None else ((self._id, found),))
        else:
            candidates = self._shelf.items()
        for record_id, found in candidates:
            if not needed or self._fulfils(record_id, snapshot(needed, found)):
                yield record_id, found

    def _seen(self, change: Change) -> Change | None:
        """Return a change as those see it who see only these records."""
        before = change.before if self._fulfils(change.id, change.before) else None
        after = change.after if self._fulfils(change.id, change.after) else None
        if before is None and after is None:
            return None
        if (before is None) == (change.before is None) and (after is None) == (change.after is None):
            return change
        return replace(change, before=before, after=after)

    def _fulfils(self, record_id: str, record: Mapping[str, Any] | None) -> bool:
        if record is None or (self._id is not None and record_id != self._id):
            return False
        if any(record[name] != value for name, value in self._equal.items()):
            return False
        return self._predicate is None or self._predicate({"id": record_id, **record})
