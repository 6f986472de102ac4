"""A list in a record, edited item by item. Places are counted from 0, or from the end if they are negative."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ..errors import WrongValue
from .part import Part
from .schema import Kind
from .values import checked, plain


class ListField(Part):
    """A list."""

    __slots__ = ()

    kind = Kind.LIST

    def __len__(self) -> int:
        return len(self.value())

    def __getitem__(self, at: int) -> Any:
        """Return an item; raises WrongValue."""
        raw = self.raw()
        return plain(raw[self._place(at, len(raw))]) if hasattr(raw, "insert") else self.value()[at]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.value())

    def append(self, item: Any) -> None:
        """Put an item at the end."""
        self.extend([item])

    def extend(self, items: Iterable[Any]) -> None:
        """Put items at the end."""
        ready = [self._ready(item) for item in items]
        with self.editing() as shared:
            shared.extend(ready)

    def insert(self, at: int, item: Any) -> None:
        """Put an item before the one at a place, or at the end."""
        ready = self._ready(item)
        with self.editing() as shared:
            shared.insert(self._place(at, len(shared) + 1), ready)

    def __setitem__(self, at: int, item: Any) -> None:
        """Put an item in the place of another."""
        ready = self._ready(item)
        with self.editing() as shared:
            place = self._place(at, len(shared))
            del shared[place]
            shared.insert(place, ready)

    def __delitem__(self, at: int) -> None:
        """Take an item away."""
        with self.editing() as shared:
            del shared[self._place(at, len(shared))]

    def _ready(self, item: Any) -> Any:
        item = checked(item, self._field.types, f"An item of {self.what}")
        return item if self._field.shared is None else self._field.shared(item)

    def _place(self, at: int, size: int) -> int:
        place = at + size if at < 0 else at
        if not 0 <= place < size:
            raise WrongValue(f"{self.what} has no place {at}.")
        return place
