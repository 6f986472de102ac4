"""Answering that begins with the first request: most notebooks never have one, and each pays for what waits in it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from pycrdt import Map, MapEvent, Subscription

from ..documents import Author, Document
from .answering import Answering

Make = Callable[[Document, Mapping[str, Author]], Answering]


class WakingAnswering:
    """Waits for a request in one document."""

    def __init__(self, document: Document, make: Make) -> None:
        """Begin with ``make`` when there is a request: the document, and who has just asked what."""
        self._document = document
        self._make = make
        self._asked: dict[str, Author] = {}
        self._answering: Answering | None = None
        self._subscription: Subscription | None = None
        self._table: Map[Any] = document.ydoc.get("requests", type=Map)
        if len(self._table):
            self._answering = make(document, {})
        else:
            self._subscription = self._table.observe(self._heard)

    @property
    def busy(self) -> bool:
        """Whether something is not answered yet."""
        return bool(self._asked) or (self._answering is not None and self._answering.busy)

    async def close(self) -> None:
        """Hear no more, and give up what is not answered yet."""
        self._let_go()
        self._asked.clear()
        if self._answering is not None:
            await self._answering.close()

    def _heard(self, event: MapEvent) -> None:
        author = self._document.author
        if author is None:
            return
        if not self._asked:
            asyncio.get_running_loop().call_soon(self._wake)
        self._asked.update(dict.fromkeys(event.keys, author))  # type: ignore[attr-defined]

    def _wake(self) -> None:
        if self._subscription is None:
            return  # it was closed meanwhile
        self._let_go()
        asked, self._asked = self._asked, {}
        self._answering = self._make(self._document, asked)

    def _let_go(self) -> None:
        if self._subscription is not None:
            self._table.unobserve(self._subscription)
            self._subscription = None
