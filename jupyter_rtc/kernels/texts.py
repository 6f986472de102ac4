"""What cells say, and by whose hand, while a request to run them waits for what its author had typed before.

What others make of a cell meanwhile goes into the code that is run if they may run code themselves. Of those who may
not, nothing does: the code is what the cell said before they changed it. Only where somebody who may changed it after
them, their texts cannot be told apart; then it is not run.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from pycrdt import Array, Map, Subscription

from ..documents import Author, Document
from ..errors import RunStale
from . import cells, records
from .contained import contained


class TypedInto(RunStale):
    """Who may not run code and who may have changed the same cell."""


WORDS = (
    "Not run: just when it was to be run, somebody who may not run code changed this cell, as others did. "
    "Look at it, and run it again."
)


@dataclass(slots=True)
class _Said:
    """What one cell said, one change after the other."""

    first: str | None
    """When it was asked for; None: it was not there yet."""
    then: list[tuple[str | None, str]] = field(default_factory=list)
    """Whose change it was (None: the server's own), and what the cell said after it."""

    @property
    def last(self) -> str | None:
        return self.then[-1][1] if self.then else self.first


class Texts:
    """The texts of some cells of one document, until it is left as a context."""

    def __init__(self, document: Document, username: str, cell_ids: Iterable[str | None] = ()) -> None:
        """Begin with these cells; ``username`` is who asks for their runs, and so may run code."""
        self._document = document
        self._said: dict[str, _Said] = {}
        self._authors: dict[str, Author] = {}
        self._may: dict[str | None, bool] = {None: True, username: True}
        self._cells: Array[Any] | None = None
        self._subscription: Subscription | None = None
        for cell_id in cell_ids:
            self.note(cell_id)

    def __enter__(self) -> Texts:
        """Go on."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Look no longer."""
        if self._cells is not None and self._subscription is not None:
            self._cells.unobserve(self._subscription)

    def note(self, cell_id: str | None) -> None:
        """Look at this cell, too, from now on."""
        if cell_id is None or cell_id in self._said:
            return
        if self._cells is None:
            self._cells = self._document.ydoc.get("cells", type=Array)
            self._subscription = self._cells.observe_deep(self._changed)
        cell = cells.find(self._document.ydoc, cell_id)
        self._said[cell_id] = _Said(None if cell is None else cells.source(cell))

    async def settle(self) -> None:
        """Find out who may run code, of all who have changed something."""
        while unknown := self._authors.keys() - self._may.keys():
            for username in unknown:
                self._may[username] = await self._authors[username].may("execute", "kernels")

    def of(self, cell_id: str, now: str) -> str:
        """Return what is to be run of a cell that says this now; call ``settle`` just before. Raises TypedInto."""
        said = self._said.get(cell_id)
        if said is None or all(self._may[username] for username, _ in said.then):
            return now
        allowed, is_typed_into = said.first, False
        for username, text in said.then:
            if not self._may[username]:
                is_typed_into = True
            elif is_typed_into:
                raise TypedInto(WORDS, cell_id, now)
            else:
                allowed = text
        if allowed is None:
            raise TypedInto(WORDS, cell_id, now)
        return allowed

    def _changed(self, events: Sequence[Any]) -> None:
        with contained("Who changed cells of %s could not be noted", self._document.room):
            author = self._document.author
            for cell_id, text in self._touched([event.path for event in events]):
                said = self._said.get(cell_id)
                if said is not None and said.last != text:
                    said.then.append((None if author is None else author.username, text))
                    if author is not None:
                        self._authors[author.username] = author

    def _touched(self, paths: Sequence[Sequence[int | str]]) -> Iterable[tuple[str, str]]:
        """Return the cells whose text may have changed, and what they say; of cells with one id the first."""
        assert self._cells is not None
        if all(paths):
            places: Iterable[int | str] = {path[0] for path in paths if len(path) == 1 or path[1] == "source"}
        else:
            places = range(len(self._cells))  # cells have come or gone
        found: dict[str, str] = {}
        for place in places:
            cell = self._cells[place]  # type: ignore[index]  # the first step is into the list of cells
            name = records.name_in(cell, "id") if isinstance(cell, Map) else None
            if name in self._said and name not in found:
                found[name] = cells.source(cell)
        return found.items()
