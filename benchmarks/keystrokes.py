"""Typing, made in advance: the Yjs updates that JupyterLab would send for each key.

A key is one character at the end of a cell's source and, in the same transaction, ``state.dirty = True``,
as JupyterLab does it. Updates are made by a real document that knows the room's state; while a
benchmark runs, they are only bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import cycle, islice
from typing import Any

from pycrdt import Array, Doc, Map, Text, TransactionEvent

from .wire import UPDATE, client_frame, sync

CELL_LENGTH = 500
"""How much is typed into a cell before the next: long runs of text cost every server more and more."""

_LETTERS = "import numpy as np\nfor epoch in range(10): loss = model.fit(batch) "


class Typist:
    """One writer, with a document of its own."""

    def __init__(self, state: bytes, client_id: int, every: int, offset: int) -> None:
        """Take the room's state as an update; type into each ``every``-th cell from ``offset`` on."""
        self._doc: Doc[Any] = Doc(client_id=client_id)
        self._doc.apply_update(state)
        cells = self._doc.get("cells", type=Array)
        self._sources = [cells[n]["source"] for n in range(offset, len(cells), every)]
        self._state = self._doc.get("state", type=Map)
        self._typed = 0
        self._updates: list[bytes] = []
        self._subscription = self._doc.observe(self._changed)

    def _changed(self, event: TransactionEvent) -> None:
        self._updates.append(event.update)

    def type(self, keys: Iterable[str]) -> list[bytes]:
        """Type these keys, each of which may be several characters; return an update for each."""
        self._updates = []
        source, end = self._next_cell()
        for key in keys:
            if self._typed % CELL_LENGTH == 0:
                source, end = self._next_cell()
            with self._doc.transaction():
                source.insert(end, key)
                self._state["dirty"] = True
            end += len(key.encode())
            self._typed += 1
        return self._updates

    def overwrite(self, texts: Iterable[str]) -> list[bytes]:
        """Set one value to each of these texts in turn: much to send, and a document that stays small."""
        self._updates = []
        for text in texts:
            self._state["benchmark"] = text
        return self._updates

    def _next_cell(self) -> tuple[Text, int]:
        source = self._sources[self._typed // CELL_LENGTH % len(self._sources)]
        return source, len(source)


def letters(count: int) -> Iterator[str]:
    """Return so many letters as a person may type."""
    return islice(cycle(_LETTERS), count)


def numbered(count: int) -> list[str]:
    """Return keys that can be told apart wherever they are found: one rare character each.

    As UTF-8 each is three bytes of 0x80 and more, which in an update are found in text, but never among
    its numbers as long as client ids are short.
    """
    assert count < 20_000
    return [chr(0x4E00 + n) for n in range(count)]


def mark(writer: int, run: int) -> str:
    """Return a last key that can be found in a stream of bytes."""
    return f"\u27e6end of run {run} of writer {writer}\u27e7"


def frames(updates: list[bytes]) -> list[bytes]:
    """Return the websocket frames in which a client sends these updates."""
    return [client_frame(sync(UPDATE, update)) for update in updates]


def shown(state: bytes, updates: Iterable[bytes]) -> Any:
    """Return the cells that somebody sees who had this state and got these updates."""
    doc: Doc[Any] = Doc()
    doc.apply_update(state)
    for update in updates:
        doc.apply_update(update)
    return json.loads(str(doc.get("cells", type=Array)))
