"""What Jupyter's models say, as values of a table's fields. Pure."""

from __future__ import annotations

from collections.abc import Container
from datetime import UTC, datetime
from typing import Any


def seconds(when: Any) -> float | None:
    """Return a moment as seconds since 1970: a ``datetime``, or what ISO 8601 writes; None if it is neither."""
    if isinstance(when, str):
        try:
            when = datetime.fromisoformat(when)
        except ValueError:
            return None
    if not isinstance(when, datetime):
        return None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def text(value: Any, default: str = "") -> str:
    """Return a text; the default in the place of anything else."""
    return value if isinstance(value, str) else default


def one_of(value: Any, known: Container[str], otherwise: str) -> str:
    """Return a value if it is a known one."""
    return value if isinstance(value, str) and value in known else otherwise


def shareable(value: Any) -> Any:
    """Return what a program says as JSON: moments as ISO 8601, keys as texts, anything unknown as its text."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, dict):
        return {str(key): shareable(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [shareable(one) for one in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)
