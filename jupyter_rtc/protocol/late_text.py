"""What somebody wrote into a part of a document that others had deleted meanwhile.

A document forgets such a text as soon as it arrives: the change that it reports says only how long the text was. Who
holds the deleted part in mind can bring the text along, as long as it is told what was written. So others are told
what was sent, where that is the whole of the change and nothing but it.
"""

from __future__ import annotations

from collections.abc import Iterator

from .bounds import decode_state_vector
from .codec import read_number
from .items import items, reaches
from .structs import NOTHING_DELETED


def loses_text(sent: bytes, deleted: bytes) -> bool:
    """Whether a text or a type that a sound update makes is in the delete set of the change that it has become.

    A value counts as nothing: another's for the same key has taken its place, as happens all the time.
    """
    if deleted == NOTHING_DELETED:
        return False
    gone = list(deletions(deleted))
    return any(
        item.is_text or item.is_type
        for item in items(sent)
        if any(
            item.client == client and clock < item.clock + item.length and item.clock < clock + length
            for client, clock, length in gone
        )
    )


def brings_more(sent: bytes, before: bytes, after: bytes) -> bool:
    """Whether a change that came of a sound update made more than that: something that had waited for it.

    ``before`` and ``after`` are the state vectors around the change.
    """
    were, are = decode_state_vector(before), decode_state_vector(after)
    grown = {client: clock for client, clock in are.items() if clock > were.get(client, 0)}
    ends = reaches(sent)
    return any(clock > ends.get(client, 0) for client, clock in grown.items())


def as_written(sent: bytes, change: bytes, after: bytes) -> bytes:
    """Return what others are told of a change that loses text: ``sent`` if all of it was taken, or else ``change``.

    ``sent`` is a sound update that was applied, and brought no more than itself; ``after`` is the state vector then.
    """
    are = decode_state_vector(after)
    return sent if all(clock <= are.get(client, 0) for client, clock in reaches(sent).items()) else change


def deletions(deleted: bytes) -> Iterator[tuple[int, int, int]]:
    """Return the ranges of a sound delete set: client, first clock, length."""
    clients, at = read_number(deleted, 0)
    for _ in range(clients):
        client, at = read_number(deleted, at)
        ranges, at = read_number(deleted, at)
        for _ in range(ranges):
            clock, at = read_number(deleted, at)
            length, at = read_number(deleted, at)
            yield client, clock, length
