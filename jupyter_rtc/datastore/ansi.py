r"""ANSI escape sequences in a text: where they are, and in what style the text after them is. Pure.

A sequence is found by its shape (ECMA-48: ``ESC [ … m``, ``ESC ] … BEL``, ``ESC c`` and the like), never across the
end of a line, and only up to a length: an ``ESC`` that begins none stands for itself. A style is the text between
``ESC [`` and ``m`` that brings it about from nothing; the plain style is the empty text. Of the other sequences only
those that erase in a line are told apart.
"""

from __future__ import annotations

import re
from functools import lru_cache

ESCAPE = re.compile(
    "\x1b(?:"
    r"\[[0-?]{0,256}[ -/]{0,8}[@-~]"  # what has parameters: styles, cursor, erasing
    r"|\][^\x00-\x1f]{0,4096}(?:\x07|\x1b\\)"  # what has a text: titles, links
    r"|[ -/]{0,8}[0-Z\\^-~])"  # the short ones
)
"""A whole sequence."""

BEGUN = re.compile("\x1b(?:" r"\[[0-?]{0,256}[ -/]{0,8}|\][^\x00-\x1f]{0,4096}\x1b?|[ -/]{0,8})\Z")
"""The beginning of a sequence at the end of a text."""

STYLE = re.compile("\x1b" r"\[([0-9;:]{0,256})m")
ERASE = re.compile("\x1b" r"\[([02]?)K")
"""Erasing from the cursor on, or (with a 2) the whole line."""

PLAIN = ""
_LETTERS, _GROUND = 38, 48
_OFF = {22: (1, 2), 23: (3,), 24: (4, 21), 25: (5, 6), 27: (7,), 28: (8,), 29: (9,)}
_OFF |= {39: (_LETTERS,), 49: (_GROUND,), 55: (53,), 59: (58,)}
_WITH_COLOUR = {_LETTERS, _GROUND, 58}


def style_after(text: str, style: str) -> str:
    """Return the style behind a text that begins in ``style``."""
    if "\x1b" not in text:
        return style
    for found in STYLE.finditer(text):
        style = _changed(style, found[1])
    return style


def switch_to(style: str) -> str:
    """Return the sequences that bring a style about, whatever was before."""
    return f"\x1b[0m\x1b[{style}m" if style else "\x1b[0m"


@lru_cache(maxsize=4096)
def _changed(style: str, codes: str) -> str:
    """Return the style after a sequence with these codes."""
    said: dict[int, str] = {}
    if style:
        _say(said, style)
    _say(said, codes or "0")
    return ";".join(said[about] for about in sorted(said))


def _say(said: dict[int, str], codes: str) -> None:
    """Note what codes say, by what it is about: the code itself, but one for all colours of the letters, and so on."""
    words = codes.split(";")
    while words:
        word = words.pop(0)
        code = int(word.partition(":")[0] or 0)
        if code == 0:
            said.clear()
        elif code in _OFF:
            for about in _OFF[code]:
                said.pop(about, None)
        else:
            said[_about(code)] = ";".join([word, *_colour(code, word, words)])


def _about(code: int) -> int:
    if 30 <= code <= 38 or 90 <= code <= 97:
        return _LETTERS
    if 40 <= code <= 48 or 100 <= code <= 107:
        return _GROUND
    return code


def _colour(code: int, word: str, words: list[str]) -> list[str]:
    """Take the numbers of a colour off the words that follow."""
    if code not in _WITH_COLOUR or ":" in word or not words:
        return []
    count = {"5": 2, "2": 4}.get(words[0], 0)
    taken = words[:count]
    del words[:count]
    return taken
