"""Joining what the disk has now with what people did meanwhile.

Three contents are compared: the one that file and document last agreed on, the document's, and the disk's. What
the disk changed is made in the live document as small edits, beside everything that people changed; where both
changed the same place, both texts remain (docs/decisions/0006-joining-contents.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pycrdt import Doc

from .content import Content, Shape


@dataclass(frozen=True, slots=True)
class Merged:
    """What came of it."""

    changed: bool
    """Whether the live document was changed."""
    conflicts: tuple[str, ...] = ()
    """Cell ids, or ``source``, where both sides changed the same place."""


def merge(shape: Shape, live: Doc[Any], base: Doc[Any], content: Content) -> Merged:
    """Make the live document have what ``content`` changed since ``base``; the caller opened a transaction."""
    before = shape.digest(shape.read(live))
    if before == shape.digest(content):
        return Merged(changed=False)
    joined, conflicts = shape.join(base, live, content)
    if shape.digest(joined) == before:
        return Merged(changed=False, conflicts=conflicts)
    shape.change(live, joined)
    return Merged(changed=True, conflicts=conflicts)


def changes_elsewhere(shape: Shape, before: Content, ours: Content, theirs: Content) -> bool:
    """Whether theirs has what was there before in all places where ours has not, and differs in other places only.

    So it is what somebody wrote who did not see ours. Who did see it and went on from that, as a formatter does, may
    have left nothing of it; but then it differs in the same places.
    """
    was, now = filled(shape, before), filled(shape, ours)
    if shape.digest(before) == shape.digest(ours) or shape.join(was, now, theirs)[1]:
        return False
    taken_back, conflicts = shape.join(now, was, theirs)
    return not conflicts and shape.digest(taken_back) == shape.digest(theirs)


def filled(shape: Shape, content: Content) -> Doc[Any]:
    """Return a new document that has this content."""
    doc: Doc[Any] = Doc()
    with doc.transaction():
        for _ in shape.fill(doc, content):
            pass
    return doc
