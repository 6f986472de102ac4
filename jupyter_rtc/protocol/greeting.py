"""What JupyterLab writes by itself when it opens a document, told from what a person does.

On its first sync every frontend sets ``state.document_id`` to the room's id. A reader that did nothing but open the
document must not be told that its change was refused.

Rules:

* Only bytes are looked at, not the document. Where a key is set that had a value, Yjs names the earlier item and not
  the key; so it is the value that counts: to set any key to the room's own id is a greeting.
* What its author has deleted itself says nothing any more.
* An answer (``SyncStep2``) holds everything that its sender knows to be deleted, so its deletes say nothing. An
  ``Update`` that only deletes was done by a person.
* What is malformed is no greeting. Nothing is refused here: whoever calls refuses all of it, and asks only whether
  to say so.
"""

from __future__ import annotations

from ..errors import ProtocolError
from . import messages as m
from .codec import read_bytes, read_number

_GC, _DELETED, _ANY, _SKIP = 0, 1, 8, 10
_CONTENT = 0x1F
_HAS_KEY, _HAS_RIGHT, _HAS_LEFT = 0x20, 0x40, 0x80
_ONE_STRING = b"\x01\x77"
_NOTHING_DELETED = b"\x00"


def is_greeting(message: m.SyncStep2 | m.Update, room: str) -> bool:
    """Return whether this update says no more than that its sender has opened this room."""
    update = message.update
    try:
        structs, end = _pass_greetings(update, room.encode())
    except (IndexError, ProtocolError):
        return False
    return structs > 0 or isinstance(message, m.SyncStep2) or update[end:] == _NOTHING_DELETED


def _pass_greetings(data: bytes, room: bytes) -> tuple[int, int]:
    """Return how many structs there are, all of them greetings, and where they end.

    Raises:
        ProtocolError: one is something else.
        IndexError: the bytes end too early.

    """
    found = 0
    sections, at = read_number(data, 0)
    for _ in range(sections):
        structs, at = read_number(data, at)
        at = _pass_id(data, at)
        for _ in range(structs):
            at = _pass_struct(data, at, room)
            found += 1
    return found, at


def _pass_struct(data: bytes, at: int, room: bytes) -> int:
    kind = data[at] & _CONTENT
    if kind in (_GC, _SKIP):
        return read_number(data, at + 1)[1]
    at = _pass_head(data, at)
    if kind == _DELETED:
        return read_number(data, at)[1]
    if kind == _ANY and data.startswith(_ONE_STRING, at):
        value, at = read_bytes(data, at + len(_ONE_STRING))
        if value == room:
            return at
    raise ProtocolError("This is no greeting.")


def _pass_head(data: bytes, at: int) -> int:
    """Return where an item's content begins, behind its neighbours or its place in a parent."""
    info, at = data[at], at + 1
    if info & (_HAS_LEFT | _HAS_RIGHT):
        for neighbour in (_HAS_LEFT, _HAS_RIGHT):
            at = _pass_id(data, at) if info & neighbour else at
        return at
    parent_is_named, at = read_number(data, at)
    at = read_bytes(data, at)[1] if parent_is_named else _pass_id(data, at)
    return read_bytes(data, at)[1] if info & _HAS_KEY else at


def _pass_id(data: bytes, at: int) -> int:
    """Return where an id ends: a client and a clock."""
    return read_number(data, read_number(data, at)[1])[1]
