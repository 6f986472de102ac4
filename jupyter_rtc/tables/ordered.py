"""Records in a root array: found by their id, in an order that can be changed.

The ids are read once, and then followed by what each transaction says it inserted and deleted. Within a transaction,
what this shelf does itself is followed at once, and what others do to the array
at its end at the latest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pycrdt import Array, ArrayEvent, Doc, Map, Subscription

from .shelf import Touched, copied, is_open, value_at


class OrderedShelf:
    """A root array of records."""

    def __init__(self, doc: Doc[Any], root: str, id_field: str) -> None:
        """Look at nothing yet."""
        self._doc = doc
        self.root: Array[Any] = doc.get(root, type=Array)
        self._id_field = id_field
        self._ids: list[str | None] | None = None
        """Of what was there at the end of the last transaction; None if nobody has looked yet."""
        self._now: list[str | None] | None = None
        """The same within a transaction in which this shelf changed something."""
        self._came_or_went: set[str] = set()
        """In the last transaction."""
        self._all_new = False
        """Whether that is not known."""
        self._twins = False
        """Whether two records have one id; the second one does not count."""
        self._unsure = False
        """Whether the ids were read within a transaction, so that what it says at its end is partly in them."""
        self._subscription: Subscription | None = None

    def find(self, record_id: str) -> Any:
        """Return the record."""
        at = self.index(record_id)
        return None if at is None else self.root[at]

    def has(self, record_id: str) -> bool:
        """Whether there is such a record."""
        return self.index(record_id) is not None

    def index(self, record_id: str) -> int | None:
        """Return the place of a record."""
        known = self._known()
        if record_id in known:
            at = known.index(record_id)
            if self._id_of(self.root[at]) == record_id:
                return at
        elif None not in known:
            return None
        known = self._read()
        return known.index(record_id) if record_id in known else None

    def ids(self) -> list[str]:
        """Return the ids in their order."""
        return [one for one in dict.fromkeys(self._known()) if one is not None]

    def items(self) -> Iterator[tuple[str, Any]]:
        """Return all records in their order."""
        seen: set[str] = set()
        for found in self.root:
            record_id = self._id_of(found)
            if record_id is not None and record_id not in seen:
                seen.add(record_id)
                yield record_id, found

    def put(self, record_id: str, fields: Mapping[str, Any], at: int | None) -> None:
        """Put a new record there."""
        now = self._followed()
        at = len(now) if at is None else at
        self.root.insert(at, Map({self._id_field: record_id, **fields}))
        now.insert(at, record_id)

    def write(self, record_id: str, found: Any, fields: Mapping[str, Any]) -> None:
        """Give a record these fields."""
        for name, value in fields.items():
            found[name] = value

    def remove(self, record_id: str) -> None:
        """Take a record away, and any other with its id."""
        while (at := self.index(record_id)) is not None:
            now = self._followed()
            del self.root[at]
            del now[at]

    def move(self, record_id: str, to: int) -> None:
        """Move a record so that it has the place ``to`` afterwards.

        The document knows no move: a copy is put there. What others write into the record at the same moment is lost.
        """
        at = self.index(record_id)
        if at is None or at == to:
            return
        now = self._followed()
        copy = copied(self.root[at])
        del self.root[at]
        self.root.insert(to, copy)
        now.insert(to, now.pop(at))

    def place_before(self, record_id: str | None) -> int:
        """Return the place of a record in the array, or the one behind all."""
        at = None if record_id is None else self.index(record_id)
        return len(self.root) if at is None else at

    def roots(self) -> dict[str, Any]:
        """Return what is observed."""
        return {"": self.root}

    def follow(self) -> None:
        """Know the ids from now on: what is touched is told by places."""
        self._known()

    def touched(self, root: str, events: list[Any], touched: Touched) -> None:
        """Note what these events touched; the root's own observer was called before."""
        for event in events:
            path = event.path
            if not path:
                touched.whole.update(self._came_or_went)
                touched.everything |= self._all_new
            elif len(path) == 1 and self._id_field in event.keys:
                self._ids, touched.everything = None, True
            else:
                known = self._known()
                record_id = known[path[0]]
                if record_id is not None and not (self._twins and known.index(record_id) < path[0]):
                    touched.note(record_id, path[1:], event)

    def close(self) -> None:
        """Follow nothing any more."""
        if self._subscription is not None:
            self.root.unobserve(self._subscription)
            self._subscription = None
        self._ids = self._now = None

    def _known(self) -> list[str | None]:
        """Return the ids as they are now."""
        known = self._ids if self._now is None else self._now
        return self._read() if known is None or len(known) != len(self.root) else known

    def _followed(self) -> list[str | None]:
        """Return the list in which this shelf notes what it does within a transaction."""
        if self._now is None:
            self._now = list(self._known())
        return self._now

    def _read(self) -> list[str | None]:
        """Look at everything."""
        self._unsure |= is_open(self._doc)
        if self._subscription is None:
            self._subscription = self.root.observe(self._changed)
        found = self._all_ids()
        if self._now is not None:
            self._now = found
        else:
            self._ids = found
            self._look_for_twins()
        return found

    def _look_for_twins(self) -> None:
        self._twins = self._ids is not None and len(set(self._ids)) < len(self._ids)

    def _changed(self, event: ArrayEvent) -> None:
        """Follow what a transaction did."""
        followed = None if self._unsure or self._ids is None else self._follow(self._ids, event)
        self._all_new = followed is None or len(followed) != len(self.root)
        self._ids = self._all_ids() if self._all_new else followed
        self._now, self._unsure = None, False
        self._look_for_twins()

    def _follow(self, known: list[str | None], event: ArrayEvent) -> list[str | None]:
        followed: list[str | None] = []
        came_or_went: set[str | None] = set()
        at = 0
        for step in event.delta:  # type: ignore[attr-defined]
            if "retain" in step:
                followed += known[at : at + step["retain"]]
                at += step["retain"]
            elif "delete" in step:
                came_or_went.update(known[at : at + step["delete"]])
                at += step["delete"]
            else:
                came = [self._id_of(one) for one in step["insert"]]
                came_or_went.update(came)
                followed += came
        self._came_or_went = {one for one in came_or_went if one is not None}
        return followed + known[at:]

    def _all_ids(self) -> list[str | None]:
        with self._doc.transaction():  # one for all of them is quicker
            return [self._id_of(one) for one in self.root]

    def _id_of(self, found: Any) -> str | None:
        record_id = value_at(found, self._id_field) if isinstance(found, Map) else None
        return record_id if isinstance(record_id, str) else None
