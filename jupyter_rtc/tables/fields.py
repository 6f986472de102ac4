"""What a field is in a document: how it is read, made for a new record, and changed.

What another participant has put where a text, a list or a map belongs is replaced when it is written, and read as the
field's default until then.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pycrdt import Array, Map, Text

from ..datastore.shared_text import edit_text
from ..datastore.values import same
from ..errors import WrongValue
from .schema import SHARED_TYPES, Field, Kind
from .values import checked, known, plain

NAMES = {Kind.LIST: "a list", Kind.MAP: "an object", Kind.TEXT: "a text"}


def read(field: Field, raw: Any) -> Any:
    """Return a field's value as plain JSON."""
    if field.kind is Kind.REGISTER:
        value = known(raw, field.types)
        return field.fresh_default() if value is None and not field.nullable else value
    if field.kind is Kind.TEXT:
        return str(raw) if isinstance(raw, Text | str) else field.default
    value = plain(raw)
    return value if isinstance(value, list if field.kind is Kind.LIST else dict) else field.fresh_default()


def checked_field(field: Field, value: Any, what: str) -> Any:
    """Return the value as it is to be written.

    Raises:
        WrongValue: the field takes no such value.

    """
    if field.kind is Kind.LIST:
        if not isinstance(value, list | tuple):
            raise WrongValue(f"{what} takes a list, not {type(value).__name__}.")
        return [checked(one, field.types, f"An item of {what}") for one in value]
    if field.kind is Kind.MAP:
        if not isinstance(value, Mapping):
            raise WrongValue(f"{what} takes an object, not {type(value).__name__}.")
        return {
            checked(key, (str,), f"A key of {what}"): checked(one, field.types, f"A value in {what}")
            for key, one in value.items()
        }
    value = checked(value, field.types, what)
    if field.values and value not in field.values:
        raise WrongValue(f"{what} is one of {', '.join(map(str, field.values))}, not {value!r}.")
    return value


def shared(field: Field, value: Any) -> Any:
    """Return what is put into the document for a checked value."""
    if field.kind is Kind.REGISTER:
        return value
    if field.kind is Kind.LIST and field.shared is not None:
        value = [field.shared(one) for one in value]
    return SHARED_TYPES[field.kind](value)


def edit(field: Field, raw: Any, value: Any) -> bool:
    """Make what is there already be this checked value, in small steps; False if it must be replaced."""
    if field.kind is Kind.REGISTER or not isinstance(raw, SHARED_TYPES[field.kind]):
        return False
    if field.kind is Kind.TEXT:
        edit_text(raw, value)
    elif field.kind is Kind.LIST:
        _edit_list(field, raw, value)
    else:
        _edit_map(raw, value)
    return True


def _edit_list(field: Field, raw: Array[Any], new: list[Any]) -> None:
    """Replace only what is between the items that both have at their ends."""
    old = plain(raw)
    most = min(len(old), len(new))
    head = next((at for at in range(most) if not same(old[at], plain(new[at]))), most)
    most -= head
    tail = next((at for at in range(most) if not same(old[-1 - at], plain(new[-1 - at]))), most)
    if head < len(old) - tail:
        del raw[head : len(old) - tail]
    items = new[head : len(new) - tail]
    for at, item in enumerate(items, head):
        raw.insert(at, item if field.shared is None else field.shared(item))


def _edit_map(raw: Map[Any], new: dict[str, Any]) -> None:
    old = plain(raw)
    for key in old.keys() - new.keys():
        del raw[key]
    for key, value in new.items():
        if key not in old or not same(old[key], plain(value)):
            raw[key] = value
