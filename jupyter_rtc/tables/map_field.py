"""An object in a record, edited key by key."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import Any

from .part import Part
from .schema import Kind
from .values import checked


class MapField(Part, MutableMapping[str, Any]):
    """An object."""

    kind = Kind.MAP

    def __len__(self) -> int:
        return len(self.value())

    def __iter__(self) -> Iterator[str]:
        return iter(self.value())

    def __getitem__(self, key: str) -> Any:
        return self.value()[key]

    def __setitem__(self, key: str, value: Any) -> None:
        checked(key, (str,), f"A key of {self.what}")
        ready = checked(value, self._field.types, f"A value in {self.what}")
        with self.editing() as shared:
            shared[key] = ready

    def __delitem__(self, key: str) -> None:
        if key not in self.value():
            raise KeyError(key)
        with self.editing() as shared:
            del shared[key]
