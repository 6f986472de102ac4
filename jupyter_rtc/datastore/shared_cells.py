"""Cells as shared types, in the layout of jupyter_ydoc 2.0.0.

A cell is a map; its source and the text of its stream outputs are texts, its metadata is a map, its outputs are an
array of maps; everything else is plain JSON. A cell is changed key by key, and its source by small edits. Outputs are
kept from the first on as far as they are the same; what follows is replaced, because frontends only append to outputs.
What another participant has put where a text, a map or an array belongs is replaced when it is in the way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pycrdt import Array, Map, Text

from .meaning import Cell
from .shared_text import edit_text
from .values import joined, kept, same

APART = frozenset({"source", "metadata", "outputs", "execution_state"})
"""The fields of a cell that are changed in ways of their own."""


def shared_cell(cell: Cell) -> Map[Any]:
    """Return a new cell for a document; its outputs, if it is of code, are all there."""
    fields = {key: kept(value) for key, value in cell.items() if key not in APART}
    if not fields.get("attachments", True):
        del fields["attachments"]
    fields["source"] = Text(kept(joined(cell.get("source", ""))))
    fields["metadata"] = Map(kept(dict(cell.get("metadata", {}))))
    if cell.get("cell_type") == "code":
        fields["outputs"] = Array(shared_outputs(cell.get("outputs", [])))
        fields.setdefault("execution_count", None)
        fields["execution_state"] = "idle"
    return Map(fields)


def shared_outputs(outputs: Iterable[Mapping[str, Any]]) -> list[Map[Any]]:
    """Return outputs for a document."""
    return [_shared_output(output) for output in outputs]


def change_cell(shared: Map[Any], old: Cell, new: Cell) -> None:
    """Make a document's cell, which reads as ``old``, be ``new``, which is of the same type."""
    _change_source(shared, joined(new.get("source", "")))
    _change_metadata(shared, old.get("metadata"), new.get("metadata", {}))
    if new.get("cell_type") == "code":
        _change_outputs(shared, old.get("outputs"), new.get("outputs", []))
    change_map(
        shared,
        {key: value for key, value in old.items() if key not in APART},
        {key: value for key, value in new.items() if key not in APART},
    )


def change_map(shared: Map[Any], old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """Make a shared map of plain values, which reads as ``old``, be ``new``."""
    for key in old.keys() - new.keys():
        del shared[key]
    for key, value in new.items():
        if key not in old or not same(kept(old[key]), kept(value)):
            shared[key] = kept(value)


def _change_source(shared: Map[Any], new: str) -> None:
    source = shared.get("source")
    if isinstance(source, Text):
        edit_text(source, new)
    else:
        shared["source"] = Text(kept(new))


def _change_metadata(shared: Map[Any], old: Any, new: Mapping[str, Any]) -> None:
    metadata = shared.get("metadata")
    if isinstance(metadata, Map) and isinstance(old, dict):
        change_map(metadata, old, new)
    else:
        shared["metadata"] = Map(kept(dict(new)))


def _change_outputs(shared: Map[Any], old: Any, new: list[Any]) -> None:
    outputs = shared.get("outputs")
    if not isinstance(outputs, Array) or not isinstance(old, list):
        shared["outputs"] = Array(shared_outputs(new))
        return
    staying = 0
    for one, other in zip(old, new, strict=False):
        if not same(kept(one), kept(other)):
            break
        staying += 1
    if staying < len(old):
        del outputs[staying:]
    outputs.extend(shared_outputs(new[staying:]))


def _shared_output(output: Mapping[str, Any]) -> Map[Any]:
    fields = kept(dict(output))
    if fields.get("output_type") == "stream":
        fields["text"] = Text(kept(joined(output.get("text", ""))))
    return Map(fields)
