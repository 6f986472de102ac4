"""A notebook's file is rewritten: what still means the same keeps its very characters. Pure.

A value that was edited is taken apart as far as possible, so that an edit of one line changes one line of the file, in
the file's own order of keys and style. What no document tells (``trusted``, an empty kernelspec, keys at the top
that nbformat does not know, ids where the format has none) stays as the file has it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .alignment import aligned
from .diff import changes
from .json_text import JsonStyle, Piece, elements, members, put_together, root
from .meaning import EMPTY_METADATA, NOT_STORED, Cell, format_of, has_ids, is_json_type, means_the_same, output_meaning
from .values import joined, kept, same

SHARED = frozenset({"cells", "metadata", "nbformat", "nbformat_minor"})
"""The keys of a notebook that documents have."""

_KINDS: Mapping[str, Mapping[str, str]] = {
    "notebook": {"cells": "cells", "metadata": "notebook metadata"},
    "cell": {"metadata": "cell metadata", "outputs": "outputs", "source": "text", "attachments": "attachments"},
    "output": {"text": "text", "data": "bundle"},
}
_SPLIT = frozenset({"application/javascript", "image/svg+xml"})
"""The types besides ``text/*`` that nbformat writes as lists of lines."""


_TEXTS = ("text", "encoded")
"""What a file may have as a list of lines where documents have a string; nbformat itself splits only the first."""


class NotebookText:
    """The text of one notebook file of format 4."""

    def __init__(self, text: str) -> None:
        """Look at the file's style; raises ValueError if it is no JSON."""
        self._text = text
        self._root = root(text)
        self._style = JsonStyle.of(text)
        cells = [cell for cell in self._root.value.get("cells", []) if isinstance(cell, dict)]
        self._lines = not any(isinstance(cell.get("source"), str) for cell in cells)
        self._orders = {cell.get("cell_type"): list(cell) for cell in reversed(cells)}

    def rewritten(self, notebook: dict[str, Any]) -> str:
        """Return the file's text with this notebook in it."""
        body = self._value("notebook", notebook, self._root, 0)
        return self._text[: self._root.start] + body + self._text[self._root.end :]

    def _value(self, kind: str, new: Any, old: Piece, depth: int) -> str:
        if _means_the_same(kind, new, old.value):
            return self._text[old.start : old.end]
        if isinstance(new, dict) and isinstance(old.value, dict):
            return self._object(kind, new, old, depth)
        if kind == "cells":
            return self._cells(new, old, depth)
        if isinstance(old.value, list):
            new = _lines(joined(new)) if kind in _TEXTS and isinstance(new, str) else new
            return (
                self._array(_element(kind), new, old, depth) if isinstance(new, list) else self._spell("", new, depth)
            )
        return self._style.spell(new, depth)

    def _object(self, kind: str, new: dict[str, Any], old: Piece, depth: int) -> str:
        held = members(self._text, old)
        parts: dict[str, str] = {}
        for member in held:
            if member.key in new:
                value = self._value(_child(kind, member.key), new[member.key], member, depth + 1)
                parts[member.key] = self._text[member.begin : member.start] + value
            elif _untold(kind, member.key, member.value):
                parts[member.key] = self._text[member.begin : member.end]
        added = [key for key, value in new.items() if key not in old.value and not _needless(kind, key, value)]
        for key in added:
            name = self._style.spell(key, depth + 1) + self._style.colon
            parts[key] = name + self._spell(_child(kind, key), new[key], depth + 1)
        order = list(parts)
        if added and list(old.value) == sorted(old.value):
            order.sort()
        return put_together(self._text, old, held, [parts[key] for key in order], self._style, depth)

    def _array(self, kind: str, new: list[Any], old: Piece, depth: int) -> str:
        held = elements(self._text, old)
        parts: list[str] = []
        at = 0
        for change in changes([_token(kind, one.value) for one in held], [_token(kind, one) for one in new]):
            parts += [self._text[one.start : one.end] for one in held[at : change.start]]
            at = change.end
            for index, value in enumerate(new[change.new_start : change.new_end], change.start):
                is_there = index < change.end
                parts.append(
                    self._value(kind, value, held[index], depth + 1)
                    if is_there
                    else self._spell(kind, value, depth + 1)
                )
        parts += [self._text[one.start : one.end] for one in held[at:]]
        return put_together(self._text, old, held, parts, self._style, depth)

    def _cells(self, new: list[Cell], old: Piece, depth: int) -> str:
        held = elements(self._text, old)
        named = aligned([], [one.value for one in held])
        before = {cell["id"]: piece for cell, piece in zip(named, held, strict=True)}
        ids = [cell["id"] for cell in aligned(named, new)]
        parts = [
            self._value("cell", cell, before[cell_id], depth + 1)
            if cell_id in before
            else self._spell("cell", cell, depth + 1)
            for cell_id, cell in zip(ids, new, strict=True)
        ]
        return put_together(self._text, old, held, parts, self._style, depth)

    def _spell(self, kind: str, value: Any, depth: int) -> str:
        """Return the text of a value that the file has not."""
        if self._lines:
            value = by_lines(kind, value)
        if kind == "cell":
            order = self._orders.get(value["cell_type"], [])
            keys = [key for key in order if key in value] + sorted(value.keys() - set(order))
            value = {key: value[key] for key in keys}
            value["metadata"] = {key: one for key, one in value.get("metadata", {}).items() if key != "trusted"}
        return self._style.spell(value, depth)


def _means_the_same(kind: str, new: Any, old: Any) -> bool:
    if kind == "cell":
        return means_the_same(new, old, with_id="id" in new)
    if kind == "output":
        return same(output_meaning(new), output_meaning(old))
    if isinstance(new, str) and isinstance(old, list):
        return kind in _TEXTS and _is_lines(old) and kept(joined(old)) == kept(new)
    return same(kept(new), kept(old))


def says_more(notebook: dict[str, Any]) -> bool:
    """Whether this notebook of a file has what no document tells, or lacks what documents add."""
    named = has_ids(*format_of(notebook))
    return _tells_more("notebook", notebook) or not all(_is_whole(cell, named=named) for cell in notebook["cells"])


def _is_whole(cell: Cell, *, named: bool) -> bool:
    """Whether a cell of a file has just the members that a document's cell has."""
    needed = {"metadata", "source"} | ({"outputs", "execution_count"} if cell.get("cell_type") == "code" else set())
    return cell.keys() >= needed and ("id" in cell) == named


def _tells_more(kind: str, value: Any) -> bool:
    if isinstance(value, dict):
        return any(
            (key != "id" and _untold(kind, key, one)) or _tells_more(_child(kind, key), one)
            for key, one in value.items()
        )
    return isinstance(value, list) and bool(_element(kind)) and any(_tells_more(_element(kind), one) for one in value)


def _untold(kind: str, key: str, value: Any) -> bool:
    """Whether a document cannot tell this member from none, so that the file keeps it."""
    if kind == "notebook":
        return key not in SHARED
    if kind == "notebook metadata":
        return key in NOT_STORED or value == EMPTY_METADATA.get(key, ...)
    if kind == "cell":
        return key == "id" or (key == "attachments" and not value)
    return (kind, key) in (("cell metadata", "trusted"), ("output", "transient"))


def _needless(kind: str, key: str, value: Any) -> bool:
    """Whether this says nothing that the file does not say without it."""
    if kind == "cell metadata":
        return key == "trusted"
    return kind in ("cell", "output") and key in ("metadata", "outputs", "execution_count") and not value


def _child(kind: str, key: str) -> str:
    if kind == "attachments":
        return "bundle"
    if kind == "bundle":
        return "text" if key.startswith("text/") or key in _SPLIT else "" if is_json_type(key) else "encoded"
    return _KINDS.get(kind, {}).get(key, "")


def _element(kind: str) -> str:
    return {"cells": "cell", "outputs": "output"}.get(kind, "")


def by_lines(kind: str, value: Any) -> Any:
    """Return a value with its texts as nbformat writes them, as lists of lines."""
    if kind == "text":
        return _lines(joined(value)) if isinstance(value, str) or _is_lines(value) else value
    if isinstance(value, dict):
        return {key: by_lines(_child(kind, key), one) for key, one in value.items()}
    if isinstance(value, list) and _element(kind):
        return [by_lines(_element(kind), one) for one in value]
    return value


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _is_lines(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(line, str) for line in value)


def _token(kind: str, value: Any) -> str:
    meaning = output_meaning(value) if kind == "output" else kept(value)
    return json.dumps(meaning, sort_keys=True)
