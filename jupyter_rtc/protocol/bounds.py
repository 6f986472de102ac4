"""Bounds on foreign bytes: what would exhaust memory or the native stack never reaches the CRDT library.

* A state vector or update that claims more clients than its bytes can hold would reserve memory for them, and so would
  a map inside an update.
* Values nested tens of thousands of levels deep overflow the native stack of yrs and end the process; far fewer stop
  browsers, and a few hundred stop the library that writes notebooks.

Looking at a few bytes tells almost every update to be harmless; the rest is walked (``structs``).

What no single message shows, shared types nested step by step by many updates, is counted in ``nesting``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from ..errors import MessageTooLarge, ProtocolError, is_panic
from .codec import MAX_DEPTH, encode_number, read_number
from .structs import Makes, check_structs


@dataclass(frozen=True, slots=True)
class Limits:
    """What foreign bytes may ask for."""

    max_message_bytes: int = 100 * 2**20
    """One message: a pasted image or a notebook's outputs fit, memory is not at a stranger's mercy."""
    max_state_vector_bytes: int = 4 * 2**20
    """One state vector, which readers may send too: 400 000 clients, each of which costs about a microsecond."""
    max_depth: int = MAX_DEPTH
    """Levels of arrays and maps inside one value."""


def check_update(update: bytes, limits: Limits) -> Makes:
    """Refuse an update that would harm the CRDT library; return what it makes.

    Raises:
        MessageTooLarge: it has more bytes than the limit.
        ProtocolError: it claims the impossible, or nests too deep.

    """
    if len(update) > limits.max_message_bytes:
        raise MessageTooLarge("This change is larger than the server takes.")
    return check_structs(update, limits.max_depth)


def check_state_vector(state: bytes, limits: Limits) -> None:
    """Refuse a state vector that would harm the CRDT library.

    Raises:
        MessageTooLarge: it has more bytes than the limit.
        ProtocolError: it claims more clients than it holds.

    """
    if len(state) > min(limits.max_message_bytes, limits.max_state_vector_bytes):
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


def encode_state_vector(clocks: Mapping[int, int]) -> bytes:
    """Return the bytes of a state vector."""
    parts = [encode_number(len(clocks))]
    parts += [encode_number(client) + encode_number(clock) for client, clock in clocks.items()]
    return b"".join(parts)


def covers(have: Mapping[int, int], want: Mapping[int, int]) -> bool:
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
