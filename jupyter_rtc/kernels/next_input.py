"""The text that running code puts into the notebook: of ``%load`` into its cell, of ``set_next_input`` into a new one.

The kernel's answer says so, and JupyterLab does it with what it runs by itself. (Jupyter message spec, "Payloads".) A
cell that somebody has changed while it ran keeps what it says: then ``%load``, too, comes into a new one. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from pycrdt import Array, Doc, Text

from ..datastore.shared_cells import shared_cell
from ..datastore.shared_text import edit_text
from ..datastore.values import sound
from . import cells
from .message import Message
from .run import Run


@dataclass(frozen=True, slots=True)
class NextInput:
    """What is to be in a cell."""

    text: str
    replaces: bool
    """Whether it takes the place of what the cell says that was run."""


def next_input_in(message: Message) -> NextInput | None:
    """Return what the kernel's answer wants to be in a cell; the first counts."""
    for one in payload(message, "set_next_input"):
        if isinstance(text := one.get("text"), str):
            return NextInput(sound(text), bool(one.get("replace")))
    return None


def payload(message: Message, source: str) -> list[dict[str, Any]]:
    """Return what of this kind the kernel's answer wants a frontend to do."""
    those = message.content.get("payload")
    found = [one for one in those if isinstance(one, dict)] if isinstance(those, list) else []
    return [one for one in found if one.get("source") == source]


def put(doc: Doc[Any], run: Run, wanted: NextInput) -> None:
    """Put it into the notebook of a run, unless its cell is gone; the caller opened a transaction."""
    cell = None if run.cell_id is None else cells.find(doc, run.cell_id)
    if cell is None:
        return
    source = cell.get("source")
    if wanted.replaces and cells.is_code(cell) and isinstance(source, Text) and str(source) == run.code:
        edit_text(source, wanted.text)
        return
    new = shared_cell({"id": str(uuid4()), "cell_type": "code", "source": wanted.text, "metadata": {}})
    shared: Array[Any] = doc.get("cells", type=Array)
    shared.insert(cells.place(doc, run.cell_id) + 1, new)
