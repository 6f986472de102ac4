"""What is new in a cell's outputs, and what they say as text. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

Output = dict[str, Any]


def news(before: Sequence[Output], now: Sequence[Output]) -> Iterator[Output]:
    """Yield what has come since: new and changed outputs; of a stream that has grown, only what was added."""
    for at, output in enumerate(now):
        earlier = before[at] if at < len(before) else None
        if output == earlier:
            continue
        if earlier is not None and _continues(earlier, output):
            yield {**output, "text": output["text"][len(earlier["text"]) :]}
        else:
            yield output


def text_of(outputs: Sequence[Output]) -> str:
    """Return what a terminal would show."""
    return "".join(_text(output) for output in outputs)


def _continues(earlier: Output, later: Output) -> bool:
    if {earlier.get("output_type"), later.get("output_type")} != {"stream"}:
        return False
    return bool(earlier.get("name") == later.get("name") and later["text"].startswith(earlier["text"]))


def _text(output: Output) -> str:
    if output.get("output_type") == "stream":
        return str(output.get("text", ""))
    if output.get("output_type") == "error":
        return f"{output.get('ename')}: {output.get('evalue')}\n"
    shown = output.get("data", {}).get("text/plain", "")
    return f"{shown}\n"
