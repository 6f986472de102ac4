"""The records of one table: created, read, changed, deleted, filtered and observed, by their ids."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from pycrdt import Map

from ..errors import RecordExists, RecordMissing, TableError, WrongValue
from .fields import checked_field, edit, read, shared
from .mirror import snapshot
from .observer import Heard, Hearer, Observer
from .ordered import OrderedShelf
from .query import Query
from .record import Record
from .schema import SHARED_TYPES, Field, Kind, Roots, Single, Table
from .shelf import Shelf, value_at
from .watch import Watch

if TYPE_CHECKING:
    from .datastore import Datastore


class Records:
    """A table's records."""

    def __init__(self, store: Datastore, table: Table, shelf: Shelf, observer: Observer) -> None:
        self.name = table.name
        self.declared = table
        self._store = store
        self._shelf = shelf
        self._observer = observer
        self._fields = table.fields

    def __len__(self) -> int:
        return len(self._shelf.ids())

    def __iter__(self) -> Iterator[Record]:
        return (Record(self, record_id) for record_id in self._shelf.ids())

    def __contains__(self, record_id: object) -> bool:
        return isinstance(record_id, str) and self._shelf.has(record_id)

    def __getitem__(self, record_id: str) -> Record:
        """Return a record; raises RecordMissing."""
        if not self._shelf.has(record_id):
            raise self._missing(record_id)
        return Record(self, record_id)

    def get(self, record_id: str) -> Record | None:
        """Return a record, or None if there is none."""
        return Record(self, record_id) if self._shelf.has(record_id) else None

    def ids(self) -> list[str]:
        """Return the ids of all records, in their order if they have one."""
        return self._shelf.ids()

    def as_dict(self) -> dict[str, dict[str, Any]]:
        """Return all records as plain values, under their ids."""
        with self._store.doc.transaction():  # one for all of them is quicker
            return {record_id: snapshot(self._fields, found) for record_id, found in self._shelf.items()}

    def create(
        self,
        fields: Mapping[str, Any] | None = None,
        /,
        *,
        id: str | None = None,
        before: str | None = None,
        at: int | None = None,
        **more: Any,
    ) -> Record:
        """Create a record: with an id of its own, or a given one; before another record, at a place, or at the end.

        Raises:
            RecordExists: there is one with this id.
            UnknownField, WrongValue: a field is missing, unknown or of the wrong type.

        """
        self._store.check_writable(self.declared)
        given = {**(fields or {}), **more}
        record_id = self._new_id(id)
        whole = self._checked_whole(given)
        place = self._place(before, at)
        with self.writing():
            self._shelf.put(record_id, {name: shared(self._fields[name], value) for name, value in whole}, place)
            if isinstance(self.declared.storage, Roots):
                self._write(record_id, dict(whole))
        return Record(self, record_id)

    def update(self, record_id: str, fields: Mapping[str, Any] | None = None, /, **more: Any) -> None:
        """Change some fields of a record; texts, lists and maps by small edits.

        Raises:
            RecordMissing, UnknownField, WrongValue: nothing was changed.

        """
        given = self._checked({**(fields or {}), **more})
        with self.writing(given):
            self._write(record_id, given)

    def delete(self, record_id: str) -> None:
        """Delete a record; raises RecordMissing."""
        with self.writing():
            self._found(record_id)
            self._shelf.remove(record_id)

    def move(self, record_id: str, *, before: str | None = None, at: int | None = None) -> None:
        """Give a record another place: before another one, so that it is at a place, or at the end.

        Raises:
            RecordMissing: it, or the other one, is not there.
            TableError: the records of this table have no order.

        """
        shelf = self._ordered()
        with self.writing():
            self._found(record_id)
            own, place = shelf.place_before(record_id), self._place(before, at)
            if at is None:
                place = (len(shelf.root) if place is None else place) - (place is None or place > own)
            elif place is not None:
                place = min(place, len(shelf.root) - 1)
            if place is not None:
                shelf.move(record_id, place)

    def position(self, record_id: str) -> int:
        """Return the place of a record; raises RecordMissing, TableError."""
        at = self._ordered().index(record_id)
        if at is None:
            raise self._missing(record_id)
        return at

    def where(self, predicate: Callable[[Mapping[str, Any]], bool] | None = None, /, **equal: Any) -> Query:
        """Return the records for which a function of their fields is true, and whose fields have these values."""
        for name in equal.keys() - {"id"}:
            self.declared.field(name)
        return Query(self, self._shelf, self._observer, predicate, equal)

    def observe(self, heard: Heard, *fields: str) -> Hearer:
        """Call ``heard`` with what each transaction changed in this table, or in these fields of it.

        It is called while the transaction ends: it may neither read nor write the document. ``watch`` is for that.
        """
        return self.where().observe(heard, *fields)

    def watch(self, *fields: str) -> Watch:
        """Return an asynchronous iterator over the changes of this table, or of these fields of it, from now on."""
        return self.where().watch(*fields)

    def read(self, record_id: str, name: str) -> Any:
        """Return a field of a record as a plain value; raises RecordMissing, UnknownField."""
        return read(self._field(name), self.raw(record_id, name))

    def read_all(self, record_id: str) -> dict[str, Any]:
        """Return all fields of a record as plain values; raises RecordMissing."""
        return snapshot(self._fields, self._found(record_id))

    def raw(self, record_id: str, name: str) -> Any:
        """Return what the document holds for a field; raises RecordMissing."""
        return value_at(self._found(record_id), name)

    def shared_part(self, record_id: str, name: str) -> Any:
        """Return a text, list or map of a record as a shared type; one is put there if there is none."""
        field, found = self._fields[name], self._found(record_id)
        raw = value_at(found, name)
        if isinstance(raw, SHARED_TYPES[field.kind]):
            return raw
        self._shelf.write(record_id, found, {name: shared(field, read(field, raw))})
        return self.raw(record_id, name)

    def writing(self, names: Collection[str] = ()) -> AbstractContextManager[None]:
        """Return the transaction for a change of a record, or of these fields of it.

        Raises:
            NotAllowed, TableError: it cannot be; see ``Datastore.writing``.

        """
        undo = all(self._fields[name].undo for name in names)
        if not undo and any(self._fields[name].undo for name in names):
            raise TableError(f"Write these fields of {self.name!r} one after the other: only some can be undone.")
        self._store.check_writable(self.declared, names)
        return self._store.writing(undo)

    def _write(self, record_id: str, values: Mapping[str, Any]) -> None:
        found, replaced = self._found(record_id), {}
        for name, value in values.items():
            field = self._fields[name]
            if field.absent and value is None:
                if isinstance(found, Map) and name in found:
                    del found[name]
            elif field.kind is Kind.REGISTER or not edit(field, value_at(found, name), value):
                replaced[name] = shared(field, value)
        self._shelf.write(record_id, found, replaced)

    def _checked(self, given: Mapping[str, Any]) -> dict[str, Any]:
        return {name: checked_field(self._field(name), value, f"{self.name}.{name}") for name, value in given.items()}

    def _checked_whole(self, given: Mapping[str, Any]) -> list[tuple[str, Any]]:
        """Return all fields of a new record, checked, with their defaults."""
        values = self._checked(given)
        for name, field in self._fields.items():
            if field.when is not None and values.get(field.when[0]) != field.when[1]:
                if name in values:
                    raise WrongValue(
                        f"Only a record of {self.name!r} whose {field.when[0]} is {field.when[1]!r} has {name!r}."
                    )
            elif name not in values:
                if field.required:
                    raise WrongValue(f"A record of {self.name!r} cannot be without {name!r}.")
                values[name] = field.fresh_default()
        return [(name, value) for name, value in values.items() if value is not None or not self._fields[name].absent]

    def _field(self, name: str) -> Field:
        return self._fields[name] if name in self._fields else self.declared.field(name)

    def _new_id(self, given: str | None) -> str:
        storage = self.declared.storage
        if isinstance(storage, Single | Roots):
            if given not in (None, storage.id):
                raise WrongValue(f"The only record of {self.name!r} is {storage.id!r}.")
            given = storage.id
        if given is None:
            return uuid4().hex
        if self._shelf.has(given) and not isinstance(storage, Roots):
            raise RecordExists(f"There is a record {given!r} in {self.name!r} already.")
        return given

    def _place(self, before: str | None, at: int | None) -> int | None:
        if before is None and at is None:
            return None
        shelf = self._ordered()
        if before is not None:
            if not shelf.has(before):
                raise self._missing(before)
            return shelf.place_before(before)
        if at is None or not 0 <= at <= len(shelf.root):
            raise WrongValue(f"The table {self.name!r} has {len(shelf.root)} records; there is no place {at}.")
        return at

    def _ordered(self) -> OrderedShelf:
        if not isinstance(self._shelf, OrderedShelf):
            raise TableError(f"The records of {self.name!r} have no order.")
        return self._shelf

    def _found(self, record_id: str) -> Any:
        found = self._shelf.find(record_id)
        if found is None:
            raise self._missing(record_id)
        return found

    def _missing(self, record_id: str) -> RecordMissing:
        return RecordMissing(f"There is no record {record_id!r} in {self.name!r}.")
