"""One record of a table, found anew each time something is asked of it: it may have been deleted meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .list_field import ListField
from .map_field import MapField
from .observer import Heard, Hearer
from .text_field import TextField
from .watch import Watch

if TYPE_CHECKING:
    from .records import Records


class Record:
    """A record, known by its id. Its fields read as plain values; those that have parts are edited through handles."""

    __slots__ = ("id", "table")

    def __init__(self, table: Records, record_id: str) -> None:
        self.table = table
        self.id = record_id

    def __getitem__(self, name: str) -> Any:
        """Return a field as a plain value; raises RecordMissing, UnknownField."""
        return self.table.read(self.id, name)

    def __setitem__(self, name: str, value: Any) -> None:
        """Change a field; a text, list or map by small edits."""
        self.table.update(self.id, {name: value})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Record) and (self.table, self.id) == (other.table, other.id)

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return f"<Record {self.id!r} of {self.table.name!r}>"

    @property
    def exists(self) -> bool:
        """Whether it is still there."""
        return self.id in self.table

    def as_dict(self) -> dict[str, Any]:
        """Return all fields as plain values."""
        return self.table.read_all(self.id)

    def update(self, fields: Mapping[str, Any] | None = None, /, **more: Any) -> None:
        """Change some fields."""
        self.table.update(self.id, fields, **more)

    def delete(self) -> None:
        """Delete it."""
        self.table.delete(self.id)

    def text(self, name: str) -> TextField:
        """Return a text, to be edited in parts."""
        return TextField(self.table, self.id, name)

    def list(self, name: str) -> ListField:
        """Return a list, to be edited in parts."""
        return ListField(self.table, self.id, name)

    def map(self, name: str) -> MapField:
        """Return an object, to be edited in parts."""
        return MapField(self.table, self.id, name)

    def observe(self, heard: Heard, *fields: str) -> Hearer:
        """Call ``heard`` with each change of this record, or of these fields of it."""
        return self.table.where(id=self.id).observe(heard, *fields)

    def watch(self, *fields: str) -> Watch:
        """Return an asynchronous iterator over the changes of this record, or of these fields of it."""
        return self.table.where(id=self.id).watch(*fields)
