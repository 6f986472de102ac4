"""The content of a document as a plain value, for each kind of document.

A ``Shape`` knows how one kind of content (a notebook, a text, bytes) lies in a ``pycrdt.Doc``, in the layout that
JupyterLab's frontends share (jupyter_ydoc). It reads, fills an empty document, changes it with small edits, and
digests what a content means. It does not know where content comes from, and never touches the ``state`` map.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from typing import Any, Protocol

from pycrdt import Doc

Content = dict[str, Any] | str | bytes
"""A notebook as nbformat has it, a text, or bytes: what the models of a contents manager carry."""


class Shape(Protocol):
    """One kind of document."""

    def read(self, ydoc: Doc[Any]) -> Content:
        """Return the content; the document is not changed."""

    def fill(self, ydoc: Doc[Any], content: Content) -> Iterator[None]:
        """Give an empty document this content, in short steps: advance the iterator to its end."""

    def change(self, ydoc: Doc[Any], content: Content) -> None:
        """Make the document's content be this one, with the smallest edits."""

    def digest(self, content: Content) -> str:
        """Return a digest of what the content means, independent of how a file spells it."""

    def join(self, base: Doc[Any], live: Doc[Any], disk: Content) -> tuple[Content, tuple[str, ...]]:
        """Return the live content with what ``disk`` changed since ``base``, and where both changed the same.

        No document is changed. The result is for ``change``; it may name more than a file does (cell ids).
        """


def shape_of(document_type: str) -> Shape:
    """Return the shape of documents of this type, as JupyterLab names types."""
    from .blob import BlobShape
    from .foreign import ForeignShape
    from .notebook import NotebookShape
    from .text import TextShape

    own: dict[str, Callable[[], Shape]] = {"notebook": NotebookShape, "blob": BlobShape}
    if document_type in own:
        return own[document_type]()
    if document_type in ("file", "unicode"):
        return TextShape()
    registered = entry_points(group="jupyter_ydoc", name=document_type)
    return ForeignShape(next(iter(registered)).load()) if registered else TextShape()
