"""What has changed: records before and after. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from ..datastore.diff import text_edits

Snapshot = Mapping[str, Any]
"""A record's fields at one moment, as plain JSON. Nobody changes it: others hold the same one."""


@dataclass(frozen=True, slots=True)
class Change:
    """What one transaction, or several that were taken together, did to one record."""

    table: str
    id: str
    before: Snapshot | None
    """None: it was not there (or not in the query)."""
    after: Snapshot | None
    """None: it is not there any more (or not in the query)."""
    fields: frozenset[str] = frozenset()
    """Those whose values differ."""
    moved: bool = False
    """Whether it has another place in its table's order, or was put there anew."""
    own: bool = False
    """Whether it was made through this datastore."""
    origin: Any = None
    """The origin of the transaction, as pycrdt names it."""

    @property
    def kind(self) -> Literal["created", "updated", "moved", "deleted"]:
        """What happened, in a word."""
        if self.before is None:
            return "created"
        if self.after is None:
            return "deleted"
        return "updated" if self.fields else "moved"

    def edits(self, field: str) -> list[tuple[int, int, str]]:
        """Return how a text changed: start, end (in code points) and what stands there now, the last place first."""
        before, after = (str((one or {}).get(field) or "") for one in (self.before, self.after))
        return list(text_edits(before, after)) if before != after else []


def differing(before: Snapshot | None, after: Snapshot | None, names: Iterable[str] | None = None) -> frozenset[str]:
    """Return the fields whose values differ; of these, if the others cannot."""
    if before is None or after is None:
        return frozenset(before or after or ())
    names = before.keys() | after.keys() if names is None else names
    return frozenset(name for name in names if not _same(before, after, name))


def then(first: Change, second: Change) -> Change | None:
    """Return two changes of one record as one; None if nothing is left of them."""
    if first.before is None and second.after is None:
        return None
    fields = differing(first.before, second.after)
    moved = first.moved or second.moved
    if not fields and not moved:
        return None
    own = first.own and second.own
    return replace(second, before=first.before, fields=fields, moved=moved, own=own)


def joined(changes: Iterable[Change]) -> list[Change]:
    """Return changes with one for each record at most, in the order in which the records changed first."""
    found: dict[tuple[str, str], Change | None] = {}
    for change in changes:
        key = (change.table, change.id)
        earlier = found.get(key)
        found[key] = change if earlier is None else then(earlier, change)
    return [change for change in found.values() if change is not None]


def _same(before: Snapshot, after: Snapshot, name: str) -> bool:
    if (name in before) != (name in after):
        return False
    one, other = before.get(name), after.get(name)
    return one is other or (type(one) is type(other) and bool(one == other))
