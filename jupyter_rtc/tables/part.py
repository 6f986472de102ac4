"""What the handles for texts, lists and maps have in common: a part of a record that is found anew each time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..errors import WrongValue
from .fields import NAMES
from .schema import Kind

if TYPE_CHECKING:
    from .records import Records


class Part:
    """A field of a record."""

    __slots__ = ("_field", "_id", "_name", "_table")

    kind: Kind

    def __init__(self, table: Records, record_id: str, name: str) -> None:
        """Make a handle; raises UnknownField, or WrongValue if the field is of another kind."""
        self._table = table
        self._id = record_id
        self._name = name
        self._field = table.declared.field(name)
        if self._field.kind is not self.kind:
            raise WrongValue(f"{self.what} is {NAMES.get(self._field.kind, 'a register')}, not {NAMES[self.kind]}.")

    @property
    def what(self) -> str:
        """Which field it is, in words."""
        return f"{self._table.name}.{self._name}"

    def value(self) -> Any:
        """Return it as a plain value; raises RecordMissing."""
        return self._table.read(self._id, self._name)

    def set(self, value: Any) -> None:
        """Make it be this, by small edits."""
        self._table.update(self._id, {self._name: value})

    def raw(self) -> Any:
        """Return what is in the document; raises RecordMissing."""
        return self._table.raw(self._id, self._name)

    @contextmanager
    def editing(self) -> Iterator[Any]:
        """Return the shared type within a transaction; one is put there if there is none."""
        with self._table.writing((self._name,)):
            yield self._table.shared_part(self._id, self._name)
