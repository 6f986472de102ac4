"""Documents of other packages, registered under the ``jupyter_ydoc`` entry point: known only by get and set."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from jupyter_ydoc.ybasedoc import YBaseDoc
from pycrdt import Doc

from .content import Content


class ForeignShape:
    """The shape of a document that another package defines."""

    def __init__(self, document_class: type[YBaseDoc]) -> None:
        self._class = document_class

    def read(self, ydoc: Doc[Any]) -> Content:
        """Return the content."""
        content: Content = self._class(ydoc).get()
        return content

    def fill(self, ydoc: Doc[Any], content: Content) -> Iterator[None]:
        """Give an empty document this content."""
        self.change(ydoc, content)
        yield

    def change(self, ydoc: Doc[Any], content: Content) -> None:
        """Make the document's content be this one, as its class does it."""
        self._class(ydoc).set(content)

    def digest(self, content: Content) -> str:
        """Return a digest of the content."""
        return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()

    def join(self, base: Doc[Any], live: Doc[Any], disk: Content) -> tuple[Content, tuple[str, ...]]:
        """Return the person's content where both changed: what it means is not known here."""
        was, now = self.read(base), self.read(live)
        if self.digest(now) == self.digest(was):
            return disk, ()
        return now, (() if self.digest(disk) == self.digest(was) else ("document",))
