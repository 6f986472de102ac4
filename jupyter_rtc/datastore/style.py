"""How a file spells its content, so that a save changes only what was edited. Pure.

A notebook that Jupyter itself wrote is ``is_plain``: Jupyter's own writer gives it back byte for byte. Any other
is written like its original text: indentation, order of keys, lines as lists or strings, spelling of numbers and
of characters, and the end of the file.
"""

from __future__ import annotations

import copy
import json
import re
from dataclasses import dataclass
from typing import Any

import nbformat
from nbformat.v4.rwbase import split_lines, strip_transient

_INDENT = re.compile(r"\A\s*\{\r?\n([ \t]+)\"")
_LAST_LINE = re.compile(r"\n([ \t]*)\}\s*\Z")
_SHARED = frozenset({"cells", "metadata", "nbformat", "nbformat_minor"})
"""The keys of a notebook that documents have; a file's other keys are kept in the file."""


@dataclass(frozen=True, slots=True)
class TextStyle:
    """How a text file ends its lines and begins."""

    newline: str = "\n"
    bom: bool = False

    @classmethod
    def of(cls, text: str) -> TextStyle:
        """Return the style of this text: the line end that most of its lines have."""
        crlf = text.count("\r\n")
        lf, cr = text.count("\n") - crlf, text.count("\r") - crlf
        newline = max((("\n", lf), ("\r\n", crlf), ("\r", cr)), key=lambda one: one[1])[0]
        return cls(newline, text.startswith("\ufeff"))

    def plain(self, text: str) -> str:
        """Return this text as documents have it: lines end with LF, and no byte order mark."""
        return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")

    def apply(self, text: str) -> str:
        """Return a document's text as the file has it."""
        spelled = text if self.newline == "\n" else text.replace("\n", self.newline)
        return "\ufeff" + spelled if self.bom else spelled


def is_plain(text: str) -> bool:
    """Whether Jupyter's own writer gives this notebook back byte for byte."""
    try:
        parsed = json.loads(text)
        if not isinstance(parsed, dict) or parsed.get("nbformat") != 4 or parsed.keys() - _SHARED:
            return False
        return _written_by_jupyter(parsed) in (text, text.removesuffix("\n"))
    except (ValueError, KeyError, AttributeError, TypeError):
        return False


def write_notebook(notebook: dict[str, Any], original: str | None) -> str:
    """Return the text of this notebook, like ``original`` wherever the content is the same."""
    fresh = strip_transient(split_lines(nbformat.from_dict(copy.deepcopy(notebook))))  # type: ignore[no-untyped-call]
    if original is None:
        return _written_by_jupyter(fresh) + "\n"
    old = json.loads(original)
    kept = {key: value for key, value in old.items() if key not in _SHARED}
    like = _like({**json.loads(json.dumps(fresh)), **kept}, old, at_top=True)
    text = json.dumps(
        like, indent=_indent(original), ensure_ascii=original.isascii() and not _is_ascii(like),
        separators=_separators(original),
    )  # fmt: skip
    return text.replace("\n", "\n" + _margin(original)) + original[len(original.rstrip()) :]


def _written_by_jupyter(notebook: Any) -> str:
    return json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True, separators=(",", ": "))


def _indent(original: str) -> str | None:
    found = _INDENT.search(original)
    return found.group(1).removeprefix(_margin(original)) if found else None


def _margin(original: str) -> str:
    """Return what stands before the last brace: some programs indent all lines but the first."""
    found = _LAST_LINE.search(original)
    return found.group(1) if found else ""


def _separators(original: str) -> tuple[str, str]:
    if _indent(original) is not None:
        return (",", ": ")
    return (", ", ": ") if '": ' in original else (",", ":")


def _is_ascii(value: Any) -> bool:
    return json.dumps(value, ensure_ascii=False).isascii()


def _like(new: Any, old: Any, *, at_top: bool = False) -> Any:
    """Return the new value, spelled as the old one is where they correspond."""
    if isinstance(new, dict) and isinstance(old, dict):
        keys = [key for key in old if key in new] + [key for key in new if key not in old]
        return {
            key: _cells_like(new[key], old.get(key)) if at_top and key == "cells" else _like(new[key], old.get(key))
            for key in keys
        }
    if isinstance(old, str) and _is_lines(new):
        return "".join(new)
    if isinstance(new, str) and _is_lines(old) and old:
        return new.splitlines(keepends=True)
    if isinstance(new, list) and isinstance(old, list):
        return [_like(one, old[i] if i < len(old) else None) for i, one in enumerate(new)]
    if isinstance(new, int | float) and isinstance(old, int | float) and new == old:
        return old if isinstance(old, bool) == isinstance(new, bool) else new
    return new


def _cells_like(new: Any, old: Any) -> Any:
    """Return cells spelled as the old cell of the same id is, or, without ids, as the one of the same content."""
    if not isinstance(old, list) or not isinstance(new, list):
        return new
    by_id = {cell["id"]: cell for cell in old if isinstance(cell, dict) and "id" in cell}
    by_source = {"".join(cell.get("source", "")): cell for cell in old if isinstance(cell, dict)}
    out = []
    for index, cell in enumerate(new):
        partner = by_id.get(cell.get("id")) or by_source.get("".join(cell.get("source", "")))
        if partner is None and not by_id and index < len(old):
            partner = old[index]
        out.append(_like(cell, partner))
    return out


def _is_lines(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(line, str) for line in value)
