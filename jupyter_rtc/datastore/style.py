"""How a file spells its content, so that a save changes only what was edited. Pure.

A notebook that ``is_plain`` is written by Jupyter's own writer just as it is; any other is rewritten in its own text
(``notebook_text``). A text file keeps its byte order mark and its line ends, each line its own where they are mixed.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import nbformat

from .diff import changes
from .json_text import indented
from .notebook_text import NotebookText, by_lines, says_more

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


@dataclass(frozen=True, slots=True)
class TextStyle:
    """How a text file begins and ends its lines."""

    newline: str = "\n"
    bom: bool = False
    mixed: tuple[str, ...] = ()
    """The lines of a file that ends them in several ways, with their ends; empty for any other file."""

    @classmethod
    def of(cls, text: str) -> TextStyle:
        """Return the style of this text: new lines will end as most of its lines do."""
        crlf = text.count("\r\n")
        lf, cr = text.count("\n") - crlf, text.count("\r") - crlf
        newline = max((("\n", lf), ("\r\n", crlf), ("\r", cr)), key=lambda one: one[1])[0]
        is_mixed = sum(map(bool, (crlf, lf, cr))) > 1
        return cls(newline, text.startswith("\ufeff"), tuple(_lines(text.removeprefix("\ufeff"))) if is_mixed else ())

    def plain(self, text: str) -> str:
        """Return this text as documents have it: lines end with LF, and no byte order mark."""
        return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")

    def apply(self, text: str) -> str:
        """Return a document's text as the file has it."""
        spelled = text if self.newline == "\n" else text.replace("\n", self.newline)
        if self.mixed:
            spelled = self._line_by_line(text)
        return "\ufeff" + spelled if self.bom else spelled

    def _line_by_line(self, text: str) -> str:
        old, new = [self.plain(line) for line in self.mixed], _lines(text)
        out = [line.replace("\n", self.newline) for line in new]
        at, new_at = 0, 0
        for change in changes(old, new):
            out[new_at : change.new_start] = self.mixed[at : change.start]
            at, new_at = change.end, change.new_end
        out[new_at:] = self.mixed[at:]
        return "".join(out)


def is_plain(text: str) -> bool:
    """Whether Jupyter's own writer gives this notebook back byte for byte, from what a document keeps of it."""
    try:
        parsed = json.loads(text)
        if not isinstance(parsed, dict) or parsed.get("nbformat") != 4 or says_more(parsed):
            return False
        return indented(by_lines("notebook", parsed)) + "\n" == text
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        return False


def write_notebook(notebook: dict[str, Any], original: str | None) -> str:
    """Return the text of this notebook: ``original``, with what is different now.

    Raises:
        ValueError: the original is no JSON.

    """
    if original is None:
        written: str = nbformat.writes(nbformat.from_dict(notebook))  # type: ignore[no-untyped-call]
        return written + "\n"
    return NotebookText(original).rewritten(notebook)


def _lines(text: str) -> list[str]:
    return _LINE.findall(text)
