"""What somebody wants to be run: which text that is, whether it can be, and where it is said that it cannot.

It reads the document as it is now, and runs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..documents import Document
from ..errors import RunError, RunStale
from . import cells, records
from .run import Failure, Options, RunStatus
from .source_hash import source_hash
from .texts import Texts, TypedInto
from .work import KERNEL


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and when."""

    username: str
    at: float | None = None
    """When, in seconds of our clock; None: just now, when it is said for the first time."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One cell, or a piece of code, that is to be run."""

    cell_id: str | None = None
    code: str | None = None
    """What to run; None: what the cell says."""
    expected_hash: str | None = None
    """The hash of the cell's text as its author saw it; None: whatever it says."""
    run_id: str | None = None
    """The id of the record that asks for it, or the one that who asks wants it to have."""
    marks: Mapping[str, Any] | None = None
    """What the cell's metadata are to say as long as the run goes on."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What one run is to run."""

    wanted: Wanted
    code: str
    options: Options | None
    place: tuple[float, int] | None = None
    """Where in its batch."""


def piece_of(
    document: Document,
    wanted: Wanted,
    options: Options | None,
    texts: Texts | None = None,
    place: tuple[float, int] | None = None,
) -> Piece:
    """Return what one run is to run; ``texts`` knows who changed its cell since it was asked for. Raises RunError."""
    try:
        return Piece(wanted, code_of(document, wanted, texts), options, place)
    except TypedInto as error:
        show_refusal(document, [wanted], Failure("Aborted", error.words))  # nobody who looks at it would know why
        raise


def is_as_expected(document: Document, wanted: Wanted) -> bool:
    """Whether the cell is known to be as its author saw it already."""
    if wanted.expected_hash is None or wanted.cell_id is None:
        return False
    cell = cells.find(document.ydoc, wanted.cell_id)
    return cell is not None and source_hash(cells.source(cell)) == wanted.expected_hash


def code_of(document: Document, wanted: Wanted, texts: Texts | None = None) -> str:
    """Return what is to be run; ``texts`` knows who changed its cell since it was asked for. Raises RunError."""
    if wanted.cell_id is None:
        if wanted.code is None:
            raise RunError("Say which cell is to be run, or give the code.")
        return wanted.code
    cell = cells.find(document.ydoc, wanted.cell_id)
    if cell is None:
        raise RunError("There is no such cell in this notebook any more.")
    if not cells.is_code(cell):
        raise RunError("Only code cells can be run.")
    source = cells.source(cell)
    if wanted.expected_hash is not None and source_hash(source) != wanted.expected_hash:
        raise RunStale("The cell was changed meanwhile. Look at it, and run it again.", wanted.cell_id, source)
    if wanted.code is not None:
        return wanted.code
    return source if texts is None or wanted.expected_hash is not None else texts.of(wanted.cell_id, source)


def may_raise(document: Document, wanted: Wanted) -> bool:
    """Whether an error is expected of it."""
    cell = cells.find(document.ydoc, wanted.cell_id) if wanted.cell_id else None
    return cell is not None and cells.may_raise(cell)


def show_refusal(document: Document, wanted: Sequence[Wanted], failure: Failure) -> None:
    """Let the cells themselves say why they cannot be run; one of which a run goes on shows that."""
    going_on = records.cell_ids(document.ydoc, (RunStatus.QUEUED, RunStatus.RUNNING))
    with document.edit(KERNEL):
        for one in wanted:
            cell = cells.find(document.ydoc, one.cell_id) if one.cell_id and one.cell_id not in going_on else None
            if cell is not None:
                cells.show_only_error(cell, failure.ename, failure.evalue)
