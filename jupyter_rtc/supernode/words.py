"""How a file stands, in words for everyone who has it open: what, why, what to do. Pure."""

from __future__ import annotations

from .plan import Standing

_KEPT = "What you write is kept in the document and its history."


BRIEF = {
    Standing.FINE: "",
    Standing.READ_ONLY: "File is read-only",
    Standing.MISSING: "File was deleted",
    Standing.FAILING: "File is not saved",
}
"""The same where there is little room: beside a cursor."""


def words_for(standing: Standing, path: str, why: str = "") -> str:
    """Return the sentences that tell people how their file stands now."""
    match standing:
        case Standing.FINE:
            return f"{path} is saved as usual."
        case Standing.READ_ONLY:
            return f"{path} can only be read, so it is not saved. {_KEPT} It is saved when the file can be written."
        case Standing.MISSING:
            return (
                f"{path} was deleted, so it is not saved. {_KEPT} "
                "It is saved when the file is back; or save it under another name."
            )
        case Standing.FAILING:
            return f"{why} {_KEPT} Saving is tried again until it succeeds."
