"""A notebook's content with everything that is kept beside its document put back: what belongs into the file. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pycrdt import Doc

from .content import Content
from .left_out import reference_in, whole
from .meaning import output_meaning
from .notebook import NotebookShape


def completed(content: Content, fetch: Callable[[str], str | None]) -> Content:
    """Return a notebook's content whole; the same object if nothing was left out of it.

    ``fetch`` gives what is kept under a reference; None if nothing is. What cannot be fetched, or
    is no output, stays as it is: a program can print what looks like a reference.
    """
    if not isinstance(content, dict):
        return content
    cells = [_completed_cell(cell, fetch) for cell in content.get("cells", [])]
    same = all(one is other for one, other in zip(cells, content.get("cells", []), strict=True))
    return content if same else {**content, "cells": cells}


def _completed_cell(cell: dict[str, Any], fetch: Callable[[str], str | None]) -> dict[str, Any]:
    outputs = cell.get("outputs")
    if not outputs or not any(map(_may_refer, outputs)):
        return cell
    found = [one for output in outputs for one in _completed(output, fetch)]
    return cell if all(one is other for one, other in zip(found, outputs, strict=False)) else {**cell, "outputs": found}


def _completed(output: dict[str, Any], fetch: Callable[[str], str | None]) -> list[dict[str, Any]]:
    reference = reference_in(output) if _may_refer(output) else None
    kept = fetch(reference) if reference is not None else None
    if kept is None:
        return [output]
    try:
        return whole(output, kept)
    except ValueError:
        return [output]


def _may_refer(output: dict[str, Any]) -> bool:
    """Whether it is worth a closer look; costs nothing."""
    if output.get("output_type") == "stream":
        text = output.get("text", "")
        return bool(text) and str(text[-1])[-1:] == "]"
    return True


def left_out_again(content: Content, document: Content, fetch: Callable[[str], str | None]) -> Content:
    """Return a notebook's content with what the document leaves out left out again, where it is still the same."""
    if not isinstance(content, dict) or not isinstance(document, dict):
        return content
    shared = {}
    for cell in document.get("cells", []):
        complete = _completed_cell(cell, fetch)
        if complete is not cell:
            shared[cell.get("id")] = (cell["outputs"], _meaning(complete["outputs"]))
    if not shared:
        return content
    cells = []
    for cell in content.get("cells", []):
        outputs, meaning = shared.get(cell.get("id"), (None, None))
        again = outputs is not None and _meaning(cell.get("outputs", [])) == meaning
        cells.append({**cell, "outputs": outputs} if again else cell)
    return {**content, "cells": cells}


def _meaning(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [output_meaning(output) for output in outputs]


class WholeNotebook(NotebookShape):
    """A notebook whose document leaves out what is too large, and whose file has all of it."""

    def __init__(self, fetch: Callable[[str], str | None]) -> None:
        """Fetch what is left out with ``fetch``, as in ``completed``."""
        self._fetch = fetch

    def read(self, ydoc: Doc[Any]) -> Content:
        """Return the whole content."""
        return completed(super().read(ydoc), self._fetch)

    def change(self, ydoc: Doc[Any], content: Content) -> None:
        """Make the document's content be this one; what it leaves out stays left out."""
        super().change(ydoc, left_out_again(content, super().read(ydoc), self._fetch))

    def join(self, base: Doc[Any], live: Doc[Any], disk: Content) -> tuple[Content, tuple[str, ...]]:
        """Return the live content with what the file changed, whole."""
        joined, conflicts = super().join(base, live, left_out_again(disk, super().read(base), self._fetch))
        return completed(joined, self._fetch), conflicts
