"""Parsing a long JSON text in pieces, so that other threads get their turn between them. Pure.

Python's decoder holds the interpreter until it has read the whole text: for a notebook of tens of megabytes nothing
else in the process moves for a tenth of a second and more. The outermost object is parsed member by member here, and
an array in it element by element. What comes out, and what is refused, is what ``json.loads`` says.
"""

from __future__ import annotations

import json
import re
from typing import Any

_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\n\r]*")


class _NotSo(ValueError):
    """The text is not as expected; ``json.loads`` finds the words for it."""


def parse_piecewise(text: str) -> Any:
    """Return the value of a JSON text.

    Raises:
        json.JSONDecodeError, RecursionError: as ``json.loads``.

    """
    try:
        value, end = _object(text, _skip(text, 0))
        if _skip(text, end) != len(text):
            raise _NotSo
    except ValueError:
        return json.loads(text)
    return value


def _object(text: str, start: int) -> tuple[dict[str, Any], int]:
    found: dict[str, Any] = {}
    at = _first(text, start, "{", "}")
    while at is not None:
        key, at = _DECODER.raw_decode(text, at)
        at = _skip(text, at)
        if not isinstance(key, str) or not text.startswith(":", at):
            raise _NotSo
        at = _skip(text, at + 1)
        found[key], at = _array(text, at) if text.startswith("[", at) else _DECODER.raw_decode(text, at)
        end, at = _next(text, at, "}")
    return found, end if found else _skip(text, start + 1) + 1


def _array(text: str, start: int) -> tuple[list[Any], int]:
    found: list[Any] = []
    at = _first(text, start, "[", "]")
    while at is not None:
        value, at = _DECODER.raw_decode(text, at)
        found.append(value)
        end, at = _next(text, at, "]")
    return found, end if found else _skip(text, start + 1) + 1


def _first(text: str, start: int, opening: str, closing: str) -> int | None:
    """Return where the first item of a container begins; None if it has none."""
    if not text.startswith(opening, start):
        raise _NotSo
    at = _skip(text, start + 1)
    return None if text.startswith(closing, at) else at


def _next(text: str, at: int, closing: str) -> tuple[int, int | None]:
    """Return where the container ends or this item does, and where the next item begins, if there is one."""
    at = _skip(text, at)
    if text.startswith(closing, at):
        return at + 1, None
    if not text.startswith(",", at):
        raise _NotSo
    return at, _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
