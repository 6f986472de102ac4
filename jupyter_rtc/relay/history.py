"""A document from its history, and a shorter history of the same document. Pure.

Compaction replays the log into fresh documents, never the live one, and proves each snapshot by loading it:
what the new history gives back is what the old one gave. Places that must stay readable (the saved mark, the
one before it) get a snapshot of their own; between the snapshots nothing can be read any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pycrdt import Doc

from ..errors import ProtocolError, StoreCorrupt
from ..ids import new_server_client_id
from ..protocol.bounds import decode_state_vector, refusing
from ..store.log import History, Snapshot


def rebuild(history: History) -> Doc[Any]:
    """Return a new document with this history and a client id that is not in it.

    Raises:
        StoreCorrupt: an update in the history cannot be applied.

    """
    while True:
        doc = fresh_document()
        _replay(doc, history)
        if doc.client_id not in decode_state_vector(doc.get_state()):
            return doc


def usable_until(history: History) -> int:
    """Return the number of the last change of a history before the first one that cannot be applied."""
    doc: Doc[Any] = Doc()
    last = 0
    try:
        if history.snapshot:
            last = history.snapshot.seq - 1
            _apply(doc, history.snapshot.update)
            last = history.snapshot.seq
        for entry in history.entries:
            _apply(doc, entry.update)
            last = entry.seq
    except StoreCorrupt:
        return last
    return last


def fresh_document() -> Doc[Any]:
    """Return an empty document for the server's edits."""
    return Doc(client_id=new_server_client_id())


def compacted(history: History, keep: Iterable[int]) -> list[Snapshot]:
    """Return the snapshots that replace this history: at each number to keep, and at its end.

    Raises:
        StoreCorrupt: the history cannot be replayed, or a snapshot does not give back the same document.

    """
    start = history.snapshot.seq if history.snapshot else 0
    end = history.last_seq
    wanted = sorted({seq for seq in keep if start <= seq < end} | {end})
    doc: Doc[Any] = Doc()
    snapshots = []
    entries = iter(history.entries)
    pending = next(entries, None)
    if history.snapshot:
        _apply(doc, history.snapshot.update)
    for seq in wanted:
        with doc.transaction():  # one for all: each costs as much again as what it applies
            while pending is not None and pending.seq <= seq:
                _apply(doc, pending.update)
                pending = next(entries, None)
        snapshots.append(_proven(doc, seq))
    return snapshots


def _proven(doc: Doc[Any], seq: int) -> Snapshot:
    update = doc.get_update()
    copy: Doc[Any] = Doc()
    _apply(copy, update)
    state = doc.get_state()
    same = copy.get_state() == state and copy.get_update(state) == doc.get_update(state)
    if not same and _fingerprint(copy) != _fingerprint(doc):
        raise StoreCorrupt("A shortened history did not give back the same document; the long one is kept.")
    return Snapshot(seq, update)


def _replay(doc: Doc[Any], history: History) -> None:
    if history.snapshot:
        _apply(doc, history.snapshot.update)
    with doc.transaction():
        for entry in history.entries:
            _apply(doc, entry.update)


def _apply(doc: Doc[Any], update: bytes) -> None:
    try:
        with refusing("a stored update"):
            doc.apply_update(update)
    except ProtocolError as error:
        raise StoreCorrupt("The stored history of this document cannot be read.") from error


def _fingerprint(doc: Doc[Any]) -> tuple[dict[int, int], dict[int, list[tuple[int, int]]]]:
    """Return what a document has and what of it is deleted, whatever the order and cuts of its encoding.

    An update against a document's own state vector has no structs, only the delete set (Yjs update format 1).
    """
    state = doc.get_state()
    return decode_state_vector(state), _deletions(doc.get_update(state))


def _deletions(update: bytes) -> dict[int, list[tuple[int, int]]]:
    """Return, for each client, the ranges of clocks that the delete set of a struct-less update names."""
    numbers = _numbers(update)
    if next(numbers) != 0:
        raise StoreCorrupt("A document misses changes that its own state vector claims.")
    deletions: dict[int, list[tuple[int, int]]] = {}
    for _ in range(next(numbers)):
        client = next(numbers)
        ranges = [(next(numbers), next(numbers)) for _ in range(next(numbers))]
        deletions[client] = _joined(ranges)
    return deletions


def _joined(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for clock, length in sorted(ranges):
        if joined and sum(joined[-1]) >= clock:
            joined[-1] = (joined[-1][0], max(sum(joined[-1]), clock + length) - joined[-1][0])
        else:
            joined.append((clock, length))
    return joined


def _numbers(update: bytes) -> Iterator[int]:
    """Yield the variable-length numbers (lib0 varUint) of bytes that consist of nothing else."""
    value = shift = 0
    for byte in update:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            yield value
            value = shift = 0
