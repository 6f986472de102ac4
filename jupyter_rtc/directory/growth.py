"""Whether a document has outgrown what it shows: of all that was deleted or overwritten, a little stays for ever."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from pycrdt import Doc, TransactionEvent

LARGE = 4 * 2**20
"""Bytes below which no document is too large."""
TIMES = 4
"""How many times as large as what it shows it may be."""


class Growth:
    """Looks at one document."""

    def __init__(self, doc: Doc[Any]) -> None:
        """Begin to look at it."""
        self._doc = doc
        self._written = 0
        self._subscription = doc.observe(self._changed)

    def is_too_large(self, shown: Iterable[Any]) -> bool:
        """Whether it is far larger than what it shows, given as JSON; looked at anew after so much was written."""
        if self._written < LARGE:
            return False
        self._written = 0
        size = len(self._doc.get_update())
        return size > LARGE and size > TIMES * sum(len(json.dumps(one)) for one in shown)

    def close(self) -> None:
        """Look no more."""
        self._doc.unobserve(self._subscription)

    def _changed(self, event: TransactionEvent) -> None:
        self._written += len(event.update)
