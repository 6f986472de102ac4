"""An open text file. Places in it are in code points; its lines end with LF, whatever the file has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pycrdt import Map

from ..datastore.source_hash import source_hash
from ..errors import TextStale
from ..tables.jupyter import TEXT_FILE
from ..tables.text_field import TextField
from .document import OpenDocument
from .transport import SharedDocument, Transport


class TextFile(OpenDocument):
    """A text file, while it is open here."""

    def __init__(self, transport: Transport, document: SharedDocument) -> None:
        super().__init__(transport, document, TEXT_FILE)

    def __repr__(self) -> str:
        return f"<TextFile {self.path!r}>"

    @property
    def path(self) -> str:
        """Where the file is now."""
        return str(self.tables["state"]["state"]["path"])

    @property
    def source(self) -> str:
        """What stands in it."""
        return str(self._text)

    @source.setter
    def source(self, text: str) -> None:
        self.set_source(text)

    @property
    def revision(self) -> str:
        """What to ``expect`` of a text that says what it says now."""
        return source_hash(self.source)

    def set_source(self, text: str, expect: str | None = None) -> None:
        """Make it say this, by small edits: what others type elsewhere in it at the same moment stays."""
        with self._editing(expect):
            self.tables["text_content"]["file"]["source"] = text

    def insert(self, at: int, text: str, expect: str | None = None) -> None:
        """Insert a text before the character at a place."""
        self.replace(at, at, text, expect)

    def append(self, text: str, expect: str | None = None) -> None:
        """Insert a text at the end."""
        with self._editing(expect):
            self._text.append(text)

    def delete(self, start: int, end: int, expect: str | None = None) -> None:
        """Delete the characters from one place up to another."""
        self.replace(start, end, "", expect)

    def replace(self, start: int, end: int, text: str, expect: str | None = None) -> None:
        """Put a text in the place of the characters from one place up to another.

        Raises:
            TextStale: it is not as expected; nothing was done.

        """
        with self._editing(expect):
            self._text.replace(start, end, text)

    def undo(self) -> bool:
        """Undo the last change that was made here; return whether there was one. Needs ``undo=True`` at opening."""
        return self.tables.undo()

    def redo(self) -> bool:
        """Redo what was undone last; return whether there was something."""
        return self.tables.redo()

    async def save(self) -> None:
        """Return when the file is written; raises NotSaved."""
        await self._document.save()

    @property
    def _text(self) -> TextField:
        return self.tables["text_content"]["file"].text("source")

    @contextmanager
    def _editing(self, expect: str | None) -> Iterator[None]:
        self.check()
        if expect is not None and self.revision != expect:
            words = "The text was changed since this program looked at it. Look again, and decide anew."
            raise TextStale(words, self.source, self.revision)
        with self.tables.transaction():
            yield
            state: Map[Any] = self._document.doc.get("state", type=Map)
            if not state.get("dirty"):
                state["dirty"] = True  # as frontends do with each change; the server clears it

    def _is_saved(self) -> bool:
        state = self.tables["state"].get("state")
        return state is not None and not state["dirty"]
