"""The ``state`` map of a document: what JupyterLab's frontends are told of the file behind it.

Keys (jupyter_ydoc's): ``path``, ``hash`` (of the file's bytes, as the contents manager reports it) and ``dirty``,
which frontends set and the server clears. They are not content. A value is written only where it differs, so that
a document that nobody touches does not change; the same value again only makes frontends look at the file. ``opened``
is ours, and means nothing to frontends (``sign``).
"""

from __future__ import annotations

from typing import Any

from pycrdt import Map

from ..documents import Document

OPENED = "opened"

FILE_STATE = "file state"
"""The origin of these changes; they are no reason to save."""


def sign(document: Document) -> None:
    """Make a change in this server's own name, as one that belongs to this opening of the document.

    Who has it and comes back to a server that has not knows more of its history than the server does.
    """
    with document.edit(FILE_STATE):
        document.ydoc.get("state", type=Map)[OPENED] = document.revision


def show(document: Document, **values: str | bool) -> None:
    """Set these keys where they have another value."""
    state: Map[Any] = document.ydoc.get("state", type=Map)
    news = {key: value for key, value in values.items() if state.get(key) != value}
    if news:
        with document.edit(FILE_STATE):
            for key, value in news.items():
                state[key] = value


def have_looked_at(document: Document) -> None:
    """Make frontends ask what the file is now, among others whether it can be written: they do when ``hash`` is set."""
    state: Map[Any] = document.ydoc.get("state", type=Map)
    if (known := state.get("hash")) is not None:
        with document.edit(FILE_STATE):
            state["hash"] = known
