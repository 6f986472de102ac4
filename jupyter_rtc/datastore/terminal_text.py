r"""The text of a stream as a terminal shows it. Pure.

* ``\r`` goes back to the start of the line and ``\b`` one character; what follows overwrites, character by character.
  ``\n`` ends the line wherever in it the writing is, so that ``\r\n`` is a newline.
* Escape sequences stay, and take no room. What is overwritten takes its style away with it, and nothing else changes
  its own. Sequences that erase in the line do. Those that move to other lines are kept, and do nothing.
* Only the last row may still change: the line that is written, or its end, if it is longer than ``ROW``.

What it costs to write grows with what is written, what it costs to take with the row. How a text is cut into pieces
makes no difference.
"""

from __future__ import annotations

import re

from .ansi import BEGUN, ERASE, ESCAPE, PLAIN, STYLE, style_after, switch_to

ROW = 8192
"""How many characters of a line may still change."""

_MOVES = re.compile("[\r\b]|\x1b" r"\[2K")
_STOPS = re.compile("[\n\r\b\x1b]")


class TerminalText:
    """The end of a text, and how it goes on."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._settled: list[str] = []  # rows that ended since the last time somebody took
        self._shown = ""  # the row as it was taken last
        self._begun = ""  # the beginning of an escape sequence whose end has not come
        self._style = PLAIN  # of what is written next
        self._start_row()

    @property
    def open(self) -> int:
        """How many characters at the end of what was taken may still change."""
        return len(self._shown)

    def feed(self, text: str) -> tuple[int, str]:
        """Write, and take."""
        self.write(text)
        return self.take()

    def write(self, text: str) -> None:
        """Go on with this text."""
        text, self._begun = self._begun + text, ""
        cut = text.rfind("\n") + 1
        if cut and self._at_end and not _MOVES.search(text, 0, cut):
            self._settle(text[:cut])
            text = text[cut:]
        self._write_row(text)

    def take(self) -> tuple[int, str]:
        """Return what came since the last time: how many characters to drop at the end, and what to append."""
        shown, self._shown = self._shown, self._rendered()
        text = "".join([*self._settled, self._shown])
        self._settled = []
        common = _common(shown, text)
        return len(shown) - common, text[common:]

    @property
    def _at_end(self) -> bool:
        return self._cursor == len(self._characters)

    def _start_row(self) -> None:
        self._characters: list[str] = []  # each with the escape sequences before it
        self._styles: list[str] = []
        self._cursor = 0
        self._sequences = ""  # behind what was written last
        self._size = 0
        self._first_style = self._style
        self._plain = self._style == PLAIN

    def _settle(self, text: str) -> None:
        """End the row with this text behind it."""
        self._settled += [self._rendered(), text]
        self._style = style_after(text, self._style)
        self._start_row()

    def _write_row(self, text: str) -> None:
        at = 0
        while at < len(text):
            stop = _STOPS.search(text, at)
            end = stop.start() if stop else len(text)
            if at < end:
                self._put(text[at:end])
            at = end if stop is None else self._control(text, end)

    def _control(self, text: str, at: int) -> int:
        """Do what the character there says; return where the text goes on."""
        sign = text[at]
        if sign == "\x1b":
            return self._escape(text, at)
        if sign == "\n":
            self._settle("\n")
        elif sign == "\r":
            self._cursor = 0
        elif self._cursor:
            self._cursor -= 1
        return at + 1

    def _escape(self, text: str, at: int) -> int:
        found = ESCAPE.match(text, at)
        if found is None and BEGUN.match(text, at):
            self._begun = text[at:]
            return len(text)
        sequence = found[0] if found else text[at]
        erase = ERASE.fullmatch(sequence)
        if erase:
            self._erase(0 if erase[1] == "2" else self._cursor)
        self._sequences += sequence
        self._size += len(sequence)
        self._style = style_after(sequence, self._style)
        self._plain = self._plain and self._style == PLAIN
        if self._size >= ROW:
            self._settle("")
        return at + len(sequence)

    def _erase(self, start: int) -> None:
        self._size -= sum(map(len, self._characters[start:]))
        del self._characters[start:], self._styles[start:]

    def _put(self, text: str) -> None:
        """Write characters that only are themselves."""
        over = len(self._characters) - self._cursor
        if over > 0:
            self._overwrite(text[:over])
            text = text[over:]
        elif over < 0:
            self._append(" " * -over, PLAIN, "")
        at = 0
        while len(text) - at >= (room := max(1, ROW - self._size)):
            self._settle(text[at : at + room])
            at += room
        if at < len(text):
            self._append(text[at:], self._style, self._sequences)
            self._sequences = ""

    def _overwrite(self, text: str) -> None:
        start, end = self._cursor, self._cursor + len(text)
        self._size += len(text) - sum(map(len, self._characters[start:end]))
        self._characters[start:end] = text
        self._characters[start] = self._sequences + text[0]
        self._styles[start:end] = [self._style] * len(text)
        self._cursor, self._sequences = end, ""

    def _append(self, text: str, style: str, sequences: str) -> None:
        self._characters += text
        self._characters[-len(text)] = sequences + text[0]
        self._styles += [style] * len(text)
        self._size += len(text)
        self._cursor = len(self._characters)

    def _rendered(self) -> str:
        """Return the row as a text."""
        if self._plain:
            return "".join(self._characters) + self._sequences + self._begun
        style = self._first_style
        out: list[str] = []
        for character, wanted in zip(self._characters, self._styles, strict=True):
            out += (_styled(character[:-1], style, wanted), character[-1])
            style = wanted
        return "".join([*out, _styled(self._sequences, style, self._style), self._begun])


def _styled(sequences: str, style: str, wanted: str) -> str:
    """Return escape sequences such that they lead from one style to another, as they are if they do."""
    if style_after(sequences, style) == wanted:
        return sequences
    return STYLE.sub("", sequences) + switch_to(wanted)


def _common(one: str, other: str) -> int:
    """Return how many characters two texts have in common at the start."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if other.startswith(one[low:middle], low):
            low = middle
        else:
            high = middle - 1
    return low
