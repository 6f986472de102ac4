"""Outputs that are too large to share: what stands for them in the document, and how they become whole again. Pure.

An output that is too large is kept beside the document, as a line of JSON, and a small one of the same type stands for
it; for many outputs, one can stand. A stream that is too long is shared up to a point, and a last line says how much
more there is; the rest is kept. What stands for outputs names the place of what was left out, its reference. A program
can print such a line, too: so references cannot be guessed, and what is fetched is used only if it is an output.
Where nothing can be kept (``NOWHERE``), what is beyond the limit is gone, and that is said instead.
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass
from typing import Any, Protocol

FIELD = "jupyter_rtc"
"""Where in the metadata of an output that stands for another it says so."""

_LINE = re.compile(r"\n\[[^\[\]\n]+ left out here; kept as (\S+)\]\Z")
_ERROR = re.compile(r"\[[^\[\]\n]+ left out here; kept as (\S+)\]\Z")


class Aside(Protocol):
    """Who keeps texts beside the document."""

    def add(self, key: int, text: str) -> str:
        """Put a text behind what is kept under this number; return the reference to all of it, without spaces."""

    def drop(self, key: int) -> None:
        """Keep it no longer."""

    def replaced(self) -> None:
        """Note that the cell shows another run now, so that nothing of this one is needed but what was copied."""


class _Nowhere:
    """Keeps nothing."""

    def add(self, key: int, text: str) -> str:
        return ""

    def drop(self, key: int) -> None:
        return

    def replaced(self) -> None:
        return


NOWHERE: Aside = _Nowhere()
"""Where what is beyond a limit goes of which there is no file that should have it."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How large an output may be, and where what is beyond it is kept."""

    size: int
    aside: Aside
    key: int

    def add(self, text: str) -> str:
        """Put a text behind what is kept; return the reference to all of it."""
        return self.aside.add(self.key, text)

    def drop(self) -> None:
        """Keep nothing any longer."""
        self.aside.drop(self.key)


def closing_line(count: int, reference: str) -> str:
    """Return what ends a shared stream of which so many characters are left out."""
    return "\n" + _words(count, reference)


def placeholder(output: dict[str, Any], reference: str) -> dict[str, Any]:
    """Return an output that stands for a large one."""
    words = _words(extent(output), reference)
    if output["output_type"] == "error":
        return {**output, "ename": output["ename"][:200], "evalue": output["evalue"][:200], "traceback": [words]}
    kinds = sorted(output["data"])
    about = {**_place(reference), "size": extent(output), "mimetypes": kinds}
    plain = f"{', '.join(kinds)}: {words}"
    return {**output, "data": {"text/plain": plain, "text/html": _link(plain, reference)}, "metadata": {FIELD: about}}


def reference_in(output: dict[str, Any]) -> str | None:
    """Return where the rest of an output is, if something was left out of it."""
    if output.get("output_type") == "stream":
        found = _LINE.search(str(output.get("text", "")))
        return found[1] if found else None
    if output.get("output_type") == "error":
        found = _ERROR.search("".join(map(str, output.get("traceback", []))))
        return found[1] if found else None
    metadata = output.get("metadata")
    about = metadata.get(FIELD) if isinstance(metadata, dict) else None
    reference = about.get("left_out") if isinstance(about, dict) else None
    return reference if isinstance(reference, str) else None


def stand_in(count: int, reference: str) -> dict[str, Any]:
    """Return an output that stands for so many others."""
    words = f"[{count:,} more outputs are left out here{_kept_as(reference)}]"
    about = {**_place(reference), "outputs": count}
    shown = {"text/plain": words, "text/html": _link(words, reference)}
    return {"output_type": "display_data", "data": shown, "metadata": {FIELD: about}}


def whole(output: dict[str, Any], kept: str) -> list[dict[str, Any]]:
    """Return what an output stands for, given what was left out.

    Raises:
        ValueError: what was kept are no outputs.

    """
    if output.get("output_type") == "stream":
        return [{**output, "text": _LINE.sub("", str(output["text"])) + kept}]
    found = [json.loads(line) for line in kept.split("\n") if line]
    if not all(isinstance(one, dict) for one in found):
        raise ValueError("What was kept are no outputs.")
    return found


def as_kept(output: dict[str, Any]) -> str:
    """Return what is to be kept of an output: a line."""
    return json.dumps(output, ensure_ascii=False, separators=(",", ":")) + "\n"


def extent(value: Any) -> int:
    """Return how large a JSON value is: about how many characters it has."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(len(key) + extent(one) for key, one in value.items())
    if isinstance(value, list):
        return sum(map(extent, value))
    return 1


def _place(reference: str) -> dict[str, str]:
    return {"left_out": reference} if reference else {}


def _kept_as(reference: str) -> str:
    return f"; kept as {reference}" if reference else ", and not kept"


def _link(words: str, reference: str) -> str:
    if not reference:
        return html.escape(words)
    return f'<a href="{html.escape(reference)}" target="_blank" rel="noopener">{html.escape(words)}</a>'


def _words(count: int, reference: str) -> str:
    return f"[{count:,} characters are left out here{_kept_as(reference)}]"
