"""How commands show things on a terminal. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return rows in columns, as wide as they need to be."""
    lines = [list(head), *([str(one) for one in row] for row in rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(head))]
    return "".join(
        "  ".join(one.ljust(width) for one, width in zip(line, widths, strict=True)).rstrip() + "\n" for line in lines
    )


def size(count: int | None) -> str:
    """Return a number of bytes for people."""
    if count is None:
        return "-"
    number, unit = float(count), "B"
    for larger in ("KB", "MB", "GB", "TB"):
        if number < 1000:
            break
        number, unit = number / 1000, larger
    return f"{number:.0f} {unit}" if unit == "B" or number >= 10 else f"{number:.1f} {unit}"


def moment(seconds: float | None) -> str:
    """Return a moment, given in seconds since 1970, in local time."""
    return "-" if seconds is None else datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M:%S")


def sources(cells: Iterable[tuple[str, int | None, str, str]]) -> str:
    """Return cells as text: each with its type, its count, its source and what it shows."""
    parts = []
    for kind, count, source, shown in cells:
        head = f"[{' ' if count is None else count}]" if kind == "code" else f"({kind})"
        parts.append(f"{head}\n{source.rstrip()}\n")
        if shown:
            parts.append("".join(f"    {line}\n" for line in shown.rstrip("\n").split("\n")))
        parts.append("\n")
    return "".join(parts).rstrip("\n") + "\n" if parts else ""
