"""What stands behind a notebook's room: its file, and the runs that belong to it. A ``documents.Keeper``.

It wraps the file's keeper. Once the document has been loaded, runs can be asked for in it.
"""

from __future__ import annotations

from typing import Any, Protocol

from ..documents import Document, Keeper, SaveResult


class Runs(Protocol):
    """Who runs what is asked for in documents."""

    def attach(self, document: Document, *, restored: bool) -> None:
        """Begin to hear of runs that are asked for in this document, which is ``restored`` if it has a past."""

    def detach(self, document: Document) -> None:
        """Hear no more of it."""


class NotebookKeeper:
    """A file's keeper that also tends to what runs."""

    def __init__(self, file: Keeper, runs: Runs) -> None:
        """Wrap the file's keeper."""
        self._document: Document | None = None
        self._file = file
        self._runs = runs

    async def load(self, document: Document) -> None:
        """Load the file, then let runs be asked for."""
        restored = document.restored
        await self._file.load(document)
        self._document = document
        self._runs.attach(document, restored=restored)

    async def save(self) -> SaveResult:
        """Save the file."""
        return await self._file.save()

    def holds(self) -> str | None:
        """Return why the room must not be freed; what runs holds the document itself."""
        return self._file.holds()

    async def close(self) -> None:
        """Save and let go of the file."""
        await self._file.close()
        if self._document is not None:
            self._runs.detach(self._document)

    def status(self) -> dict[str, Any]:
        """Return how the file stands."""
        return self._file.status()
