"""What stands behind a room in which requests are made: a user's own, or a notebook's. A ``documents.Keeper``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from ..documents import Document, Keeper, SaveResult, SaveStatus


class Answers(Protocol):
    """Who answers requests in one document."""

    @property
    def busy(self) -> bool:
        """Whether something is not answered yet."""

    async def close(self) -> None:
        """Hear no more, and give up what is not answered yet."""


class RequestsKeeper:
    """Answers requests in a document, once what else stands behind it has loaded it."""

    def __init__(self, answering: Callable[[Document], Answers], inner: Keeper | None = None) -> None:
        """Answer requests with ``answering``; ``inner`` is what else stands behind the room."""
        self._make = answering
        self._inner = inner
        self._answering: Answers | None = None

    async def load(self, document: Document) -> None:
        """Load the document, then let requests be made."""
        if self._inner is not None:
            await self._inner.load(document)
        self._answering = self._make(document)

    async def save(self) -> SaveResult:
        """Save what else stands behind it."""
        return SaveResult(SaveStatus.SUCCESS) if self._inner is None else await self._inner.save()

    def holds(self) -> str | None:
        """Return why the room must not be freed."""
        if self._answering is not None and self._answering.busy:
            return "requests are not answered yet"
        return None if self._inner is None else self._inner.holds()

    async def close(self) -> None:
        """Give up what is not answered, and close what else stands behind it."""
        if self._answering is not None:
            await self._answering.close()
        if self._inner is not None:
            await self._inner.close()

    def status(self) -> dict[str, Any]:
        """Return how it stands."""
        return {} if self._inner is None else self._inner.status()
