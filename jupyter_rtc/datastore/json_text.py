"""A JSON text: where its values stand in it, how it is spelled, and how it is put together again. Pure.

Values are found by Python's own decoder, one level at a time, so that looking for a change costs about as much as
parsing. It changes nothing by itself, and does not know what the values mean.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from json.encoder import encode_basestring
from typing import Any

from .values import kept

_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\n\r]*")
_INDENT = re.compile(r"\A\s*\{\r?\n([ \t]+)\"")
_LAST_LINE = re.compile(r"\n([ \t]*)\}\s*\Z")


@dataclass(frozen=True, slots=True)
class Piece:
    """A value, and where it stands in the text; ``begin`` is where its key stands, if it has one."""

    begin: int
    start: int
    end: int
    value: Any
    key: str = ""


@dataclass(frozen=True, slots=True)
class JsonStyle:
    """How a JSON text spells what is new in it."""

    indent: str | None
    margin: str
    """What stands before the last brace: some programs indent all lines but the first."""
    comma: str
    colon: str
    newline: str
    ascii: bool
    """Whether other characters than ASCII are written as escapes."""

    @classmethod
    def of(cls, text: str) -> JsonStyle:
        """Return the style of a text that is a JSON object."""
        first, last = _INDENT.search(text), _LAST_LINE.search(text)
        margin = last.group(1) if last else ""
        indent = first.group(1).removeprefix(margin) if first else None
        tight = indent is None and '": ' not in text
        return cls(
            indent=indent,
            margin=margin,
            comma="," if tight or indent is not None else ", ",
            colon=":" if tight else ": ",
            newline="\r\n" if "\r\n" in text else "\n",
            ascii=text.isascii() and "\\u" in text and not json.dumps(json.loads(text), ensure_ascii=False).isascii(),
        )

    def spell(self, value: Any, depth: int) -> str:
        """Return the text of a value that is new at this depth; the outermost object is at depth 0."""
        text = json.dumps(value, indent=self.indent, separators=(self.comma, self.colon), ensure_ascii=self.ascii)
        return text if self.indent is None else text.replace("\n", self.line(depth))

    def line(self, depth: int) -> str:
        """Return what begins a line at this depth; nothing in a text that is one line."""
        return "" if self.indent is None else self.newline + self.margin + self.indent * depth


def root(text: str) -> Piece:
    """Return the one value that a JSON text is; raises ValueError if it is none."""
    start = _skip(text, 0)
    value, end = _DECODER.raw_decode(text, start)
    return Piece(start, start, end, value)


def members(text: str, container: Piece) -> list[Piece]:
    """Return the members of an object in their order; of a key that is there twice, the last."""
    found: dict[str, Piece] = {}
    at = _skip(text, container.start + 1)
    while at < container.end - 1:
        key, after = _DECODER.raw_decode(text, at)
        start = _skip(text, _skip(text, after) + 1)
        value, end = _DECODER.raw_decode(text, start)
        found[key] = Piece(at, start, end, value, key)
        at = _next(text, end)
    return list(found.values())


def elements(text: str, container: Piece) -> list[Piece]:
    """Return the elements of an array."""
    found: list[Piece] = []
    at = _skip(text, container.start + 1)
    while at < container.end - 1:
        value, end = _DECODER.raw_decode(text, at)
        found.append(Piece(at, at, end, value))
        at = _next(text, end)
    return found


def put_together(
    text: str, container: Piece, old: Sequence[Piece], new: Sequence[str], style: JsonStyle, depth: int
) -> str:
    """Return the text of an object or array at this depth, of new texts, with the blanks between the old ones."""
    opening, closing = text[container.start], text[container.end - 1]
    if not new:
        return opening + closing
    if not old:
        lead, between, tail = style.line(depth + 1), style.comma + style.line(depth + 1), style.line(depth)
        return opening + lead + between.join(new) + tail + closing
    gaps = [text[one.end : other.begin] for one, other in pairwise(old)]
    lead, tail = text[container.start + 1 : old[0].begin], text[old[-1].end : container.end - 1]
    if len(new) != len(old):
        usual = gaps[0] if gaps else (style.comma if style.indent is None else "," + lead)
        gaps = [usual] * (len(new) - 1)
    return opening + lead + new[0] + "".join(map("".join, zip(gaps, new[1:], strict=True))) + tail + closing


def indented(value: Any, line: str = "\n") -> str:
    """Return what ``json.dumps`` makes with an indent of 1, sorted keys and all characters as they are.

    Several times quicker, because Python's encoder indents value by value; here lines of text are joined at once.
    Numbers are those that a document keeps. ``line`` is what begins a line where the value stands.
    """
    inner = line + " "
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, list) and value:
        parts = [encode_basestring(one) if isinstance(one, str) else indented(one, inner) for one in value]
        return f"[{inner}{f',{inner}'.join(parts)}{line}]"
    if isinstance(value, dict) and value:
        parts = [f"{encode_basestring(key)}: {indented(value[key], inner)}" for key in sorted(value)]
        return f"{{{inner}{f',{inner}'.join(parts)}{line}}}"
    return json.dumps(kept(value))


def _next(text: str, at: int) -> int:
    """Return where the next item begins, or the container ends."""
    at = _skip(text, at)
    return _skip(text, at + 1) if text[at] == "," else at


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
