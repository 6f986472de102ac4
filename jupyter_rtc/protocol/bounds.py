"""Bounds on foreign bytes: what would exhaust memory or the native stack never reaches the CRDT library.

* A state vector or update that claims more clients than its bytes can hold would reserve memory for them.
* Values nested tens of thousands of levels deep overflow the native stack of yrs (and far fewer that of browsers).
  Counting the two bytes that can begin a nested value is cheap and tells almost all updates to be harmless; the rest
  is walked, structure by structure, without recursion (Yjs update format, version 1).

What cannot be seen in one message, shared types nested step by step by many, is left to those who read a document:
they read by the path of a schema, never a root of unknown shape.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ..errors import MessageTooLarge, ProtocolError, is_panic
from .codec import encode_number, read_number


@dataclass(frozen=True, slots=True)
class Limits:
    """What foreign bytes may ask for."""

    max_message_bytes: int = 100 * 2**20
    """One message: a pasted image or a notebook's outputs fit, memory is not at a stranger's mercy."""
    unseen_bytes: int = 16 * 1024
    """An update below this cannot nest deep enough to harm: each level takes two bytes."""
    unseen_nests: int = 8000
    """As many bytes that could begin a nested value are harmless, whatever they are."""
    max_depth: int = 64
    """Levels of nested values in one update that has more of them; JSON that people write has far fewer."""


def check_update(update: bytes, limits: Limits) -> None:
    """Refuse an update that would harm the CRDT library.

    Raises:
        ProtocolError: it claims the impossible, or nests too deep.

    """
    if len(update) > limits.max_message_bytes:
        raise MessageTooLarge("This change is larger than the server takes.")
    clients, _ = read_number(update, 0)
    if clients > len(update) // 3:
        raise ProtocolError("This is not an update: it claims more than it holds.")
    if len(update) < limits.unseen_bytes:
        return
    if update.count(b"\x75") + update.count(b"\x76") >= limits.unseen_nests:
        _Walk(update, limits.max_depth).update()


def check_state_vector(state: bytes, limits: Limits) -> None:
    """Refuse a state vector that would harm the CRDT library."""
    if len(state) > limits.max_message_bytes:
        raise MessageTooLarge("This state vector is larger than the server takes.")
    clients, _ = read_number(state, 0)
    if clients > len(state) // 2:
        raise ProtocolError("This is not a state vector: it claims more than it holds.")


def decode_state_vector(state: bytes) -> dict[int, int]:
    """Return the clock of each client in a state vector.

    Raises:
        ProtocolError: it is not one.

    """
    count, at = read_number(state, 0)
    if count > len(state) // 2:
        raise ProtocolError("This is not a state vector: it claims more than it holds.")
    clocks = {}
    for _ in range(count):
        client, at = read_number(state, at)
        clocks[client], at = read_number(state, at)
    return clocks


def encode_state_vector(clocks: dict[int, int]) -> bytes:
    """Return the bytes of a state vector."""
    parts = [encode_number(len(clocks))]
    parts += [encode_number(client) + encode_number(clock) for client, clock in clocks.items()]
    return b"".join(parts)


def covers(have: dict[int, int], want: dict[int, int]) -> bool:
    """Whether one who has ``have`` misses nothing of ``want``."""
    return all(have.get(client, 0) >= clock for client, clock in want.items())


@contextmanager
def refusing(what: str) -> Iterator[None]:
    """Turn what the CRDT library raises on bytes that are not ``what`` into a ProtocolError.

    That is ValueError, seldom RuntimeError, and very seldom a panic, which is no ``Exception``.
    """
    try:
        yield
    except (ValueError, RuntimeError, OverflowError) as error:
        raise ProtocolError(f"These bytes are not {what} that fits this document.") from error
    except BaseException as error:
        if not is_panic(error):
            raise
        raise ProtocolError(f"These bytes are not {what}.") from error


class _Walk:
    """A walk through an update's structures; raises ProtocolError where it is malformed or too deep."""

    def __init__(self, data: bytes, max_depth: int) -> None:
        self._data = data
        self._at = 0
        self._max_depth = max_depth

    def update(self) -> None:
        """Walk all structs; the delete set that follows holds nothing but numbers."""
        for _ in range(self._number()):
            structs = self._number()
            self._skip_numbers(2)
            for _ in range(structs):
                self._struct()

    def _struct(self) -> None:
        info = self._byte()
        content = info & 0x1F
        if content in (0, 10):  # a gap, or a place that was collected
            self._skip_numbers(1)
            return
        if info & 0x80:
            self._skip_numbers(2)
        if info & 0x40:
            self._skip_numbers(2)
        if not info & 0xC0:
            self._parent(has_key=bool(info & 0x20))
        self._content(content)

    def _parent(self, *, has_key: bool) -> None:
        if self._number():
            self._skip_bytes()
        else:
            self._skip_numbers(2)
        if has_key:
            self._skip_bytes()

    def _content(self, kind: int) -> None:
        match kind:
            case 1:  # deleted
                self._skip_numbers(1)
            case 2 | 6:  # JSON texts, as many as it says; a format is a key and one JSON text
                self._skip_strings(self._number() if kind == 2 else 2)
            case 3 | 4 | 5:  # bytes, text, embedded JSON
                self._skip_bytes()
            case 7:
                self._type()
            case 8 | 9:
                self._values(kind)
            case _:
                raise ProtocolError("This update holds something that this server does not know.")

    def _type(self) -> None:
        """Walk a shared type; of XML elements and hooks, their name."""
        if self._number() in (3, 5):
            self._skip_bytes()

    def _values(self, kind: int) -> None:
        """Walk values, as many as it says; a sub-document is its name and one value."""
        if kind == 9:
            self._skip_bytes()
        for _ in range(self._number() if kind == 8 else 1):
            self._value()

    def _value(self) -> None:
        """Walk one value (lib0 «any»), keeping how many are still to come on each level."""
        left, keyed = [1], [False]
        while left:
            if not left[-1]:
                left.pop()
                keyed.pop()
                continue
            left[-1] -= 1
            if keyed[-1]:
                self._skip_bytes()
            kind = self._byte()
            if kind not in (117, 118):
                self._skip_scalar(kind)
                continue
            left.append(self._number())
            keyed.append(kind == 118)
            if len(left) > self._max_depth:
                raise ProtocolError("This change nests values deeper than any program can read.")

    def _skip_scalar(self, kind: int) -> None:
        match kind:
            case 127 | 126 | 121 | 120:
                return
            case 125:
                self._skip_numbers(1)
            case 124:
                self._skip(4)
            case 123 | 122:
                self._skip(8)
            case 119 | 116:
                self._skip_bytes()
            case _:
                raise ProtocolError("This update holds a value of an unknown kind.")

    def _number(self) -> int:
        number, self._at = read_number(self._data, self._at)
        return number

    def _byte(self) -> int:
        if self._at >= len(self._data):
            raise ProtocolError("This update is shorter than it says.")
        self._at += 1
        return self._data[self._at - 1]

    def _skip_numbers(self, count: int) -> None:
        for _ in range(count):
            self._number()

    def _skip_bytes(self) -> None:
        self._skip(self._number())

    def _skip_strings(self, count: int) -> None:
        for _ in range(count):
            self._skip_bytes()

    def _skip(self, count: int) -> None:
        self._at += count
        if self._at > len(self._data):
            raise ProtocolError("This update is shorter than it says.")
