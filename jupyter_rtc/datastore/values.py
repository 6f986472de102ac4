"""JSON values as a shared document keeps them. Pure.

A document that browsers share knows one kind of number (a double), no number that is not finite, and only sound
Unicode. ``kept`` says what becomes of a value in it; whoever compares a file with a document compares kept values,
and whoever writes the file leaves alone what is spelled otherwise but kept the same. pycrdt does not refuse the
other values: it panics (integers beyond 64 bits, lone surrogates) or makes numbers that JavaScript cannot serialise.
"""

from __future__ import annotations

import math
from typing import Any

EXACT = 2**53
"""Whole numbers below this are exact as doubles (IEEE 754)."""


def kept(value: Any) -> Any:
    """Return what a document keeps of a JSON value: equal values are those it does not tell apart."""
    if isinstance(value, str):
        return sound(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, dict):
        return {sound(key): kept(one) for key, one in value.items()}
    return [kept(one) for one in value]


def sound(text: str) -> str:
    """Return the text with U+FFFD for each half of a surrogate pair that has no other half."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal; unlike in Python, true is not 1, and 1.0 is not 1 unless both are kept."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other) and type(one) is type(other)


def joined(text: Any) -> str:
    """Return a text that a notebook file may have as a list of lines."""
    return "".join(map(str, text)) if isinstance(text, list) else str(text)


def _number(value: float) -> int | float | None:
    try:
        double = float(value)
    except OverflowError:
        return None
    if not math.isfinite(double):
        return None
    return int(double) if double.is_integer() and abs(double) < EXACT else double
