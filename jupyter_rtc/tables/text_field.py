"""A text in a record, edited in parts. Places are counted in Unicode code points, as Python does.

pycrdt counts in bytes of UTF-8, and browsers in UTF-16; neither is seen here.
"""

from __future__ import annotations

from ..errors import WrongValue
from .part import Part
from .schema import Kind
from .values import checked


class TextField(Part):
    """A text."""

    __slots__ = ()

    kind = Kind.TEXT

    def __str__(self) -> str:
        return str(self.value())

    def __len__(self) -> int:
        return len(str(self.value()))

    def insert(self, at: int, text: str) -> None:
        """Insert a text before the character at a place."""
        self.replace(at, at, text)

    def append(self, text: str) -> None:
        """Insert a text at the end."""
        checked(text, (str,), self.what)
        with self.editing() as shared:
            shared += text

    def delete(self, start: int, end: int) -> None:
        """Delete the characters from one place up to another."""
        self.replace(start, end, "")

    def replace(self, start: int, end: int, text: str) -> None:
        """Put a text in the place of the characters from one place up to another.

        Raises:
            WrongValue: there are no such places.

        """
        checked(text, (str,), self.what)
        with self.editing() as shared:
            now = str(shared)
            if not 0 <= start <= end <= len(now):
                raise WrongValue(f"{self.what} has {len(now)} characters; there is nothing from {start} to {end}.")
            first, last = (start, end) if now.isascii() else _in_bytes(now, start, end)
            if last > first:
                del shared[first:last]
            if text:
                shared.insert(first, text)


def _in_bytes(text: str, start: int, end: int) -> tuple[int, int]:
    first = len(text[:start].encode())
    return first, first + len(text[start:end].encode())
