"""Bounds on foreign bytes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ..errors import ProtocolError
from .codec import _read_uint


@dataclass(frozen=True)
class Limits:
    """Bounds."""

    max_message_bytes: int = 100 * 2**20


def check_update(update: bytes, limits: Limits) -> None:
    """Check."""


def check_state_vector(state: bytes, limits: Limits) -> None:
    """Check."""


def decode_state_vector(state: bytes) -> dict[int, int]:
    """Decode."""
    count, at = _read_uint(state, 0)
    found = {}
    for _ in range(count):
        client, at = _read_uint(state, at)
        clock, at = _read_uint(state, at)
        found[client] = clock
    return found


@contextmanager
def refusing(what: str) -> Iterator[None]:
    """Refuse."""
    try:
        yield
    except (ValueError, RuntimeError) as error:
        raise ProtocolError(f"This is not {what}.") from error
