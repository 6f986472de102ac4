"""Reading a large notebook so that nobody with another document waits for it.

A contents manager parses a notebook in one call during which the whole process stands still, and hashes it and checks
its signature on the event loop. Here its text is asked for, and parsed, hashed and signed on a thread, piece by piece.
What comes out is what Jupyter's own contents managers give. Wherever somebody does one of these steps in a way of
their own, and where the text is no notebook of the current format, it is read as always.
"""

from __future__ import annotations

import asyncio
import hashlib
import inspect
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode

from ..datastore.meaning import is_json_type
from ..datastore.piecewise import parse_piecewise

LARGE = 2**20
"""Bytes from which on a notebook is read this way; up to there parsing takes a few milliseconds."""

_TRANSIENT = ("orig_nbformat", "orig_nbformat_minor", "signature")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LargeNotebook:
    """A notebook, and what the contents manager would have said of it."""

    content: dict[str, Any]
    hash: str
    signature: str


class LargeNotebooks:
    """Parses the texts of large notebooks for one contents manager."""

    def __init__(self, contents_manager: Any) -> None:
        """Look whether it does everything in Jupyter's way."""
        self._notary = getattr(contents_manager, "notary", None)
        self._algorithm = str(getattr(contents_manager, "hash_algorithm", ""))
        kind, notary = type(contents_manager), type(self._notary)
        self.possible = (
            self._algorithm in hashlib.algorithms_available
            and _is_from("jupyter_server.", kind, "get", "save", "mark_trusted_cells")
            and _is_from("nbformat.", notary, "compute_signature", "check_signature", "mark_cells")
        )
        """Whether it may be done here."""

    async def of(self, text: str, path: str) -> LargeNotebook | None:
        """Return the notebook that this text is; None if it is none of the current format."""
        assert self._notary is not None
        found = await asyncio.to_thread(_parsed, text, self._algorithm, self._notary.compute_signature)
        if found is None:
            return None
        notary = self._notary
        trusted = notary.store.check_signature(found.signature, notary.algorithm)
        if not trusted:
            _log.debug("Notebook %s is not trusted", path)
        notary.mark_cells(_node(found.content), trusted)
        return found


def _parsed(text: str, algorithm: str, sign: Callable[[Any], str]) -> LargeNotebook | None:
    """Parse, hash and sign; on a thread."""
    try:
        found = parse_piecewise(text)
    except (ValueError, RecursionError):
        return None
    if not _is_current(found):
        return None
    for key in _TRANSIENT:
        found["metadata"].pop(key, None)
    for cell in found["cells"]:
        cell["metadata"].pop("trusted", None)
        _join_lines(cell)
    return LargeNotebook(found, hashlib.new(algorithm, text.encode()).hexdigest(), sign(_node(found)))


def _is_current(found: Any) -> bool:
    """Whether it is a notebook of format 4 with all that is read of it here; what else is wrong with it stays."""
    return (
        isinstance(found, dict)
        and found.get("nbformat") == 4
        and isinstance(found.get("nbformat_minor"), int)
        and isinstance(found.get("metadata"), dict)
        and isinstance(found.get("cells"), list)
        and all(
            isinstance(cell, dict) and isinstance(cell.get("metadata"), dict) and "cell_type" in cell
            for cell in found["cells"]
        )
    )


def _join_lines(cell: dict[str, Any]) -> None:
    """Let texts that the file has as lists of lines be texts, as whoever reads a notebook sees them."""
    _join(cell, "source")
    for bundle in _dicts(cell.get("attachments")):
        _join_bundle(bundle)
    for output in _dicts(cell.get("outputs")):
        if output.get("output_type") == "stream":
            _join(output, "text")
        elif isinstance(output.get("data"), dict):
            _join_bundle(output["data"])


def _dicts(held: Any) -> list[dict[str, Any]]:
    values = list(held.values()) if isinstance(held, dict) else held
    return [one for one in values if isinstance(one, dict)] if isinstance(values, list) else []


def _join_bundle(bundle: dict[str, Any]) -> None:
    for media_type in bundle:
        if not is_json_type(media_type):
            _join(bundle, media_type)


def _join(held: dict[str, Any], key: str) -> None:
    lines = held.get(key)
    if isinstance(lines, list) and all(isinstance(line, str) for line in lines):
        held[key] = "".join(lines)


def _node(content: dict[str, Any]) -> NotebookNode:
    """Return the notebook as the notary wants it; its cells are the same objects."""
    return NotebookNode(content)  # type: ignore[no-untyped-call]


def _is_from(package: str, kind: type, *methods: str) -> bool:
    found = [inspect.unwrap(getattr(kind, method)) if hasattr(kind, method) else None for method in methods]
    return all(one is not None and one.__module__.startswith(package) for one in found)
