"""A notebook's document as the load makes it itself, for servers that have none."""

from __future__ import annotations

import json

from jupyter_ydoc import YNotebook


def state_of(notebook: str) -> bytes:
    """Return the whole state of the document of a notebook, given as the file's text."""
    document = YNotebook()
    document.set(json.loads(notebook))
    update: bytes = document.ydoc.get_update()
    return update
