"""One stream of a cell's outputs: its text as a terminal shows it, up to a limit. Pure.

What is written is looked at only when somebody asks, so that a thousand pieces cost as much as one. Beyond the limit
the shared text stays as it is but for its last line, which says how much is left out, and is rewritten only when
that has grown by a good part. What is left out goes beside the document as soon as it cannot change any more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .left_out import Limit, closing_line
from .terminal_text import TerminalText

GROWN = 1.25
"""By what factor the left out part grows before the last line says so."""


class StreamOutput:
    """One stream."""

    def __init__(self, name: str, limit: Limit | None = None) -> None:
        """Begin empty."""
        self.text = GrowingText()
        self._name = name
        self._limit = limit
        self._terminal = TerminalText()
        self._rest: _Rest | None = None

    @property
    def size(self) -> int:
        """How much of it is shared, in bytes of UTF-8."""
        return self.text.size

    def continues(self, name: str) -> bool:
        """Whether text of the stream with this name belongs here."""
        return name == self._name

    def write(self, text: str) -> None:
        """Take what the kernel printed."""
        self._terminal.write(text)

    def refresh(self) -> None:
        """Bring the shared text up to date."""
        drop, more = self._terminal.take()
        if self._rest is None:
            self.text.cut(drop)
            self.text.append(more)
            if self._limit is not None and self.text.size > self._limit.size:
                self._leave_out(self._limit)
        else:
            self._rest.change(drop, more, self._terminal.open)
            self._say()

    def finish(self) -> None:
        """Note that no more is expected: say exactly how much is left out, and keep all of it."""
        self.refresh()
        if self._rest is not None:
            self._terminal = TerminalText()
            self._rest.change(0, "", 0)
            self._say(exactly=True)

    def as_nbformat(self) -> dict[str, Any]:
        """Return it as it is shared."""
        return {"output_type": "stream", "name": self._name, "text": str(self.text)}

    def complete(self, fetch: Callable[[str], str]) -> list[dict[str, Any]]:
        """Return all of it; ``fetch`` gives what a reference names."""
        output = self.as_nbformat()
        if self._rest is not None:
            output["text"] = output["text"][: self._rest.start] + self._rest.whole(fetch)
        return [output]

    def release(self) -> None:
        """Keep nothing beside the document any more."""
        if self._rest is not None:
            self._rest.limit.drop()

    def _leave_out(self, limit: Limit) -> None:
        text = str(self.text)
        start = _fitting(text, limit.size, len(text) - self._terminal.open)
        self.text.cut(len(text) - start)
        self._rest = _Rest(start, limit)
        self._rest.change(0, text[start:], self._terminal.open)
        self._say()

    def _say(self, *, exactly: bool = False) -> None:
        rest = self._rest
        if rest is not None and (rest.count != rest.said if exactly else rest.count > rest.said * GROWN):
            self.text.cut(len(self.text) - rest.start)
            self.text.append(closing_line(rest.count, rest.reference))
            rest.said = rest.count


class _Rest:
    """What is left out of a stream: what is kept beside the document, and behind that what may still change."""

    def __init__(self, start: int, limit: Limit) -> None:
        self.start = start  # where in the text it begins
        self.said = 0
        self.limit = limit
        self.reference = limit.add("")
        self._kept = 0
        self._open = ""

    @property
    def count(self) -> int:
        return self._kept + len(self._open)

    def change(self, drop: int, more: str, still_open: int) -> None:
        text = self._open[: len(self._open) - drop] + more
        settled = max(0, len(text) - still_open)
        self._open = text[settled:]
        if settled:
            self._kept += settled
            self.limit.add(text[:settled])

    def whole(self, fetch: Callable[[str], str]) -> str:
        return fetch(self.reference) + self._open


class GrowingText:
    """A text that changes at its end, and what has changed since somebody asked last."""

    def __init__(self) -> None:
        """Begin empty."""
        self.size = 0
        """In bytes of UTF-8."""
        self._length = 0
        self._pieces: list[str] = []
        self._low = 0  # so much of what was taken is still there
        self._dropped = ""
        self._taken_size = 0

    def __len__(self) -> int:
        """Return the number of characters."""
        return self._length

    def __str__(self) -> str:
        """Return all of it."""
        self._pieces = ["".join(self._pieces)]
        return self._pieces[0]

    def append(self, text: str) -> None:
        """Put this at the end."""
        if text:
            self._pieces.append(text)
            self._length += len(text)
            self.size += byte_size(text)

    def cut(self, count: int) -> None:
        """Drop so many characters at the end."""
        gone = self._from(self._length - count)
        self._length -= count
        self.size -= byte_size(gone)
        while count:
            last = self._pieces.pop()
            if len(last) > count:
                self._pieces.append(last[:-count])
            count -= min(count, len(last))
        if self._length < self._low:
            self._dropped = gone[: self._low - self._length] + self._dropped
            self._low = self._length

    def take(self) -> tuple[int, str, str]:
        """Return its size when this was called last, what of it is there no longer, and what came instead."""
        change = self._taken_size, self._dropped, self._from(self._low)
        self._low, self._dropped, self._taken_size = self._length, "", self.size
        return change

    def _from(self, start: int) -> str:
        found: list[str] = []
        missing = self._length - start
        for piece in reversed(self._pieces):
            if missing <= 0:
                break
            found.append(piece[-missing:])
            missing -= len(piece)
        return "".join(reversed(found))


def byte_size(text: str) -> int:
    """Return how many bytes of UTF-8 a text has."""
    return len(text) if text.isascii() else len(text.encode())


def _fitting(text: str, limit: int, end: int) -> int:
    """Return how much of a text fits into so many bytes, in whole lines where that does not waste half of them."""
    fits = min(end, len(text.encode()[:limit].decode(errors="ignore")))
    lines = text.rfind("\n", 0, fits) + 1
    return lines if lines > fits // 2 else fits
