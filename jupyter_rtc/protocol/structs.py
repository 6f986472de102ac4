"""The structs of a Yjs update (encoding version 1), walked without recursion to see how deep their values nest.

Rules:

* Two readers that take the same bytes for different things are how a bound is evaded. So what Yjs and pycrdt's native
  code (yrs) read differently is refused: XML hooks (yrs reads no name), lists of JSON texts (yrs reads one more than
  they hold), weak links, moves, a parent that is neither named nor an id. No Yjs of today writes any of them.
* A count is believed only as far as the bytes that are left can fill it, together with all counts that are still open.
* It decides nothing else. Whether ids and clocks make sense is for the CRDT library to say, and the delete set, which
  follows the structs, is not walked: it holds nothing but numbers.

The format is described nowhere but in the code of Yjs (``src/structs``) and lib0 (``encoding.js``).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum, auto

from ..errors import ProtocolError
from .codec import read_number

_CLIENT = rb"[\x80-\xff]{0,7}[\x00-\x7f]"
_CLOCK = rb"(?:[\x80-\xff]{0,3}[\x00-\x7f]|[\x80-\xff]{4}[\x00-\x07])"  # below 2^31
_ID = _CLIENT + _CLOCK
_SECTION_HEAD = re.compile(_CLIENT)
_DELETED_RANGES = re.compile(_CLOCK * 2)

_ITEM_HEAD = re.compile(
    rb"[\xc0-\xff](?:%(id)b){2}"  # left and right origin
    rb"|[\x40-\xbf]%(id)b"  # one of them
    rb"|[\x00-\x3f](?:\x00%(id)b|\x01)" % {b"id": _ID}  # none: the parent's id, or its name follows
)
_GC, _SKIP, _DELETED, _TEXT = 0, 10, 1, 4
_MAX_CLOCK = 2**31
_HAS_ORIGIN = 0x40
_HAS_KEY = 0x20
_CONTENT = 0x1F

NOTHING_DELETED = b"\x00"
"""A delete set of no client."""

_TYPE = 7
_TEXT_ONLY = 1 << _GC | 1 << _DELETED | 1 << _TEXT | 1 << _SKIP


class Makes(Enum):
    """What an update makes."""

    TEXT = auto()
    """Nothing but text, or nothing at all."""
    VALUES = auto()
    """Values, but no shared type."""
    TYPES = auto()


_NAMED_TYPE = 3
_TYPES = frozenset({0, 1, 2, 4, 6})

_SCALAR = re.compile(
    rb"[\x78\x79\x7e\x7f]|\x7d%b|\x7c.{4}|[\x7a\x7b].{8}" % _CLIENT,  # constants, integer, float32, float64 and int64
    re.DOTALL,
)
_BUFFER, _ARRAY, _MAP, _STRING = 0x74, 0x75, 0x76, 0x77


def check_structs(update: bytes, max_depth: int) -> Makes:
    """Refuse an update with a value (array or map) inside more than ``max_depth`` - 1 others.

    Returns:
        What it makes.

    Raises:
        ProtocolError: there is one, or these are not the structs of an update.

    """
    try:
        at, contents = _walk(update, max_depth)
        _walk_deletions(update, at)
    except IndexError:
        raise _malformed() from None
    if not contents & ~_TEXT_ONLY:
        return Makes.TEXT
    return Makes.TYPES if contents >> _TYPE & 1 else Makes.VALUES


def parts(update: bytes) -> tuple[bytes, bytes]:
    """Return an update without what it deletes, and its delete set; raises ProtocolError."""
    try:
        end, _ = _walk(update, len(update))
    except IndexError:
        raise _malformed() from None
    return update[:end] + NOTHING_DELETED, update[end:]


def _walk(data: bytes, max_depth: int) -> tuple[int, int]:
    """Return where the delete set begins, and a bit for each kind of content."""
    sections, at = _count(data, 0)
    clients = set()
    contents = 0
    for _ in range(sections):
        structs, at = _count(data, at)
        client, at = read_number(data, at)
        clock, at = read_number(data, at)
        clients.add(client)
        for _ in range(structs):
            contents |= 1 << (data[at] & _CONTENT)
            at, length = _struct(data, at, max_depth)
            clock += length
        if clock >= _MAX_CLOCK or not structs:
            raise _malformed()
    if len(clients) < sections:
        raise _malformed()
    return at, contents


def _walk_deletions(data: bytes, at: int) -> None:
    clients, at = _count(data, at)
    for _ in range(clients):
        ranges, at = _count(data, _skip(_SECTION_HEAD, data, at))
        for _ in range(ranges):
            at = _skip(_DELETED_RANGES, data, at)


def _struct(data: bytes, at: int, max_depth: int) -> tuple[int, int]:
    """Return where the struct ends, and its length where that is not bounded by its bytes."""
    kind = data[at]
    if kind in (_GC, _SKIP):
        return _range(data, at + 1)
    end = _skip(_ITEM_HEAD, data, at)
    if kind < _HAS_ORIGIN:
        if data[at + 1]:
            end = _skip_bytes(data, end)
        if kind & _HAS_KEY:
            end = _skip_bytes(data, end)
    if kind & _CONTENT == _DELETED:
        length, end = read_number(data, end)
        return end, length
    content = CONTENTS.get(kind & _CONTENT)
    if content is None:
        raise _malformed()
    return content(data, end, max_depth), 0


def _range(data: bytes, at: int) -> tuple[int, int]:
    length, at = read_number(data, at)
    if not length:
        raise _malformed()
    return at, length


def _sized(data: bytes, at: int, _: int) -> int:
    return _skip_bytes(data, at)


def _format(data: bytes, at: int, _: int) -> int:
    return _skip_bytes(data, _skip_bytes(data, at))


def _type(data: bytes, at: int, _: int) -> int:
    kind = data[at]
    if kind == _NAMED_TYPE:
        return _skip_bytes(data, at + 1)
    if kind not in _TYPES:
        raise _malformed()
    return at + 1


def _list(data: bytes, at: int, max_depth: int) -> int:
    count, at = _count(data, at)
    return _values(data, at, count, max_depth)


def _document(data: bytes, at: int, max_depth: int) -> int:
    return _values(data, _skip_bytes(data, at), 1, max_depth)


CONTENTS: dict[int, Callable[[bytes, int, int], int]] = {
    3: _sized,  # bytes
    _TEXT: _sized,
    5: _sized,  # an embedded JSON text
    6: _format,
    _TYPE: _type,
    8: _list,
    9: _document,
}


def _values(data: bytes, at: int, left: int, max_depth: int) -> int:
    """Walk so many values (lib0's «any»); ``outer`` says what is still to come around the current level."""
    outer: list[tuple[int, bool]] = []
    owed, keyed = 0, False
    while left or outer:
        if not left:
            left, keyed = outer.pop()
            owed -= left
            continue
        left -= 1
        if keyed:
            at = _skip_bytes(data, at)
        kind = data[at]
        if kind not in (_ARRAY, _MAP):
            at = _leaf(data, at, kind)
            continue
        outer.append((left, keyed))
        owed += left
        left, at = _count(data, at + 1, owed)
        keyed = kind == _MAP
        if len(outer) > max_depth:
            raise ProtocolError(f"This change nests values deeper than {max_depth} levels.")
    return at


def _leaf(data: bytes, at: int, kind: int) -> int:
    if kind in (_STRING, _BUFFER):
        return _skip_bytes(data, at + 1)
    return _skip(_SCALAR, data, at)


def _count(data: bytes, at: int, owed: int = 0) -> tuple[int, int]:
    """Return a count, and where it ends; ``owed`` is how many things the bytes after it must hold besides."""
    count, at = read_number(data, at)
    if count + owed > len(data) - at:
        raise ProtocolError("This change claims more than it holds.")
    return count, at


def _skip(pattern: re.Pattern[bytes], data: bytes, at: int) -> int:
    found = pattern.match(data, at)
    if found is None:
        raise _malformed()
    return found.end()


def _skip_bytes(data: bytes, at: int) -> int:
    """Return where the bytes end whose length stands at ``at``; past the end, whoever reads on notices."""
    size = data[at]
    if size < 0x80:
        return at + 1 + size
    size, at = read_number(data, at)
    return at + size


def _malformed() -> ProtocolError:
    return ProtocolError("These bytes are not an update, or one of a kind that this server does not take.")
