"""What every place has in which a table's records lie, and what an event says was touched there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

from pycrdt import Array, Doc, Map, Text


class _Unknown(Enum):
    UNKNOWN = "unknown"


UNKNOWN = _Unknown.UNKNOWN
"""Look for it."""


@dataclass(slots=True)
class Touched:
    """What a transaction may have changed; whoever wants to know looks there."""

    whole: set[str] = field(default_factory=set)
    """Records that came, went, were moved or replaced."""
    fields: defaultdict[str, dict[str, Any]] = field(default_factory=lambda: defaultdict(dict))
    """Fields, by record, with what the document holds for them now, or ``UNKNOWN``."""
    everything: bool = False
    """Whether all records must be looked at."""

    def note(self, record_id: str, path: list[Any], event: Any) -> None:
        """Take an event at or below a record: at the record its keys are fields, below it the path begins with one."""
        if path:
            self.fields[record_id][path[0]] = UNKNOWN
            return
        fields = self.fields[record_id]
        for name, step in event.keys.items():
            fields[name] = step.get("newValue")


class Shelf(Protocol):
    """Where a table's records are."""

    def find(self, record_id: str) -> Any:
        """Return the record: something with ``get``; None if there is none."""

    def has(self, record_id: str) -> bool:
        """Whether there is such a record."""

    def ids(self) -> list[str]:
        """Return the ids of all records, in their order if they have one."""

    def items(self) -> Iterator[tuple[str, Any]]:
        """Return all records with their ids, in the same order."""

    def put(self, record_id: str, fields: Mapping[str, Any], at: int | None) -> None:
        """Put a new record there: at a place, or behind the others."""

    def write(self, record_id: str, found: Any, fields: Mapping[str, Any]) -> None:
        """Give a record, which ``find`` found, these fields."""

    def remove(self, record_id: str) -> None:
        """Take a record away, which is there."""

    def roots(self) -> dict[str, Any]:
        """Return the roots that are to be observed, deeply, each under a name."""

    def follow(self) -> None:
        """Prepare to be asked what events touched."""

    def touched(self, root: str, events: list[Any], touched: Touched) -> None:
        """Note what these events of a root touched."""

    def close(self) -> None:
        """Observe nothing any more."""


def value_at(found: Any, name: str) -> Any:
    """Return what is there under a name, or None; quicker than pycrdt's ``get``, which asks three times."""
    try:
        return found[name]
    except KeyError:
        return None


def copied(value: Any) -> Any:
    """Return the same for another place in a document: shared types as new ones."""
    if isinstance(value, Map):
        return Map({key: copied(one) for key, one in value.items()})
    if isinstance(value, Array):
        return Array([copied(one) for one in value])
    return Text(str(value)) if isinstance(value, Text) else value


def is_open(doc: Doc[Any]) -> bool:
    """Whether a transaction of the document is open."""
    try:
        _ = doc.transaction().origin
    except RuntimeError:
        return False
    return True
