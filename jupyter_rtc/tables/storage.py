"""Where the records of a table lie in the document, and how they are found, put and taken away.

A record is found anew each time, by its id: it may have been moved, replaced or deleted meanwhile. What another
participant has put there that is no record is passed over, and of two records with one id the first counts. The caller
opened a transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pycrdt import Doc, Map

from .ordered import OrderedShelf
from .schema import SHARED_TYPES, Keyed, Ordered, Single, Table
from .shelf import UNKNOWN, Shelf, Touched, value_at


class KeyedShelf:
    """A root map of records."""

    def __init__(self, doc: Doc[Any], root: str, plain: bool) -> None:
        self.root: Map[Any] = doc.get(root, type=Map)
        self._plain = plain

    def find(self, record_id: str) -> Any:
        """Return the record."""
        found = value_at(self.root, record_id)
        return found if isinstance(found, Map | dict) else None

    def has(self, record_id: str) -> bool:
        """Whether there is such a record."""
        return self.find(record_id) is not None

    def ids(self) -> list[str]:
        """Return the ids of all records."""
        return [record_id for record_id, _ in self.items()]

    def items(self) -> Iterator[tuple[str, Any]]:
        """Return all records with their ids, by which they are sorted: the document knows no order."""
        for record_id in sorted(self.root.keys()):
            found = self.find(record_id)
            if found is not None:
                yield record_id, found

    def put(self, record_id: str, fields: Mapping[str, Any], at: int | None) -> None:
        """Put a new record there."""
        self.root[record_id] = dict(fields) if self._plain else Map(dict(fields))

    def write(self, record_id: str, found: Any, fields: Mapping[str, Any]) -> None:
        """Give a record these fields."""
        if isinstance(found, Map):
            for name, value in fields.items():
                found[name] = value
        elif self._plain:
            self.root[record_id] = {**found, **fields}
        else:
            self.root[record_id] = Map({**found, **fields})

    def remove(self, record_id: str) -> None:
        """Take a record away."""
        del self.root[record_id]

    def roots(self) -> dict[str, Any]:
        """Return what is observed."""
        return {"": self.root}

    def follow(self) -> None:
        """Do nothing: paths have the ids in them."""

    def touched(self, root: str, events: list[Any], touched: Touched) -> None:
        """Note what these events touched."""
        for event in events:
            path = event.path
            if not path:
                touched.whole.update(event.keys)
            else:
                touched.note(path[0], path[1:], event)

    def close(self) -> None:
        """Do nothing: nothing is observed."""


class SingleShelf:
    """A root map that is the record."""

    def __init__(self, doc: Doc[Any], root: str, record_id: str) -> None:
        self.root: Map[Any] = doc.get(root, type=Map)
        self._id = record_id

    def find(self, record_id: str) -> Any:
        """Return the record."""
        return self.root if self.has(record_id) else None

    def has(self, record_id: str) -> bool:
        """Whether there is such a record: it is as soon as it has a field."""
        return record_id == self._id and len(self.root) > 0

    def ids(self) -> list[str]:
        """Return the id of the record, if it is there."""
        return [self._id] if self.has(self._id) else []

    def items(self) -> Iterator[tuple[str, Any]]:
        """Return the record."""
        if self.has(self._id):
            yield self._id, self.root

    def put(self, record_id: str, fields: Mapping[str, Any], at: int | None) -> None:
        """Give the record its fields."""
        for name, value in fields.items():
            self.root[name] = value

    def write(self, record_id: str, found: Any, fields: Mapping[str, Any]) -> None:
        """Give the record these fields."""
        for name, value in fields.items():
            self.root[name] = value

    def remove(self, record_id: str) -> None:
        """Take all fields away."""
        self.root.clear()

    def roots(self) -> dict[str, Any]:
        """Return what is observed."""
        return {"": self.root}

    def follow(self) -> None:
        """Do nothing: paths have the ids in them."""

    def touched(self, root: str, events: list[Any], touched: Touched) -> None:
        """Note what these events touched."""
        for event in events:
            if event.path:
                touched.note(self._id, event.path, event)
            else:
                touched.whole.add(self._id)

    def close(self) -> None:
        """Do nothing: nothing is observed."""


class RootsShelf:
    """A record of roots, which is always there."""

    def __init__(self, doc: Doc[Any], table: Table, record_id: str) -> None:
        self._roots: dict[str, Any] = {
            name: doc.get(name, type=SHARED_TYPES[field.kind]) for name, field in table.fields.items()
        }
        self._id = record_id

    def find(self, record_id: str) -> Any:
        """Return the record."""
        return self._roots if record_id == self._id else None

    def has(self, record_id: str) -> bool:
        """Whether there is such a record."""
        return record_id == self._id

    def ids(self) -> list[str]:
        """Return the id of the record."""
        return [self._id]

    def items(self) -> Iterator[tuple[str, Any]]:
        """Return the record."""
        yield self._id, self._roots

    def put(self, record_id: str, fields: Mapping[str, Any], at: int | None) -> None:
        """Do nothing: it is there."""

    def write(self, record_id: str, found: Any, fields: Mapping[str, Any]) -> None:
        """Do nothing: roots are edited, never replaced."""

    def remove(self, record_id: str) -> None:
        """Empty it."""
        for root in self._roots.values():
            root.clear()

    def roots(self) -> dict[str, Any]:
        """Return what is observed."""
        return self._roots

    def follow(self) -> None:
        """Do nothing: paths have the ids in them."""

    def touched(self, root: str, events: list[Any], touched: Touched) -> None:
        """Note what these events touched."""
        touched.fields[self._id][root] = UNKNOWN

    def close(self) -> None:
        """Do nothing: nothing is observed."""


def shelf_of(doc: Doc[Any], table: Table) -> Shelf:
    """Return where the table's records are in this document."""
    storage = table.storage
    if isinstance(storage, Keyed):
        return KeyedShelf(doc, table.root, storage.plain)
    if isinstance(storage, Ordered):
        return OrderedShelf(doc, table.root, storage.id_field)
    if isinstance(storage, Single):
        return SingleShelf(doc, storage.root, storage.id)
    return RootsShelf(doc, table, storage.id)
