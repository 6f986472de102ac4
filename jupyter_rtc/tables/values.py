"""Which values a register, or an item of a list or map, may have. Pure.

A type is one of Python's own for JSON (``bool``, ``int``, ``float``, ``str``, ``list``, ``dict``, ``None``), ``bytes``,
or ``object`` for any JSON value. A document that browsers share knows only one kind of number and gives back 1 as 1.0:
so a whole number is an ``int`` unless the type says ``float``. What a document cannot hold is refused before it gets
there: numbers that are not finite, integers beyond 2**53, halves of surrogate pairs, values that are nested too deeply.
"""

from __future__ import annotations

import math
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from pycrdt import Array, Map, Text

from ..datastore.values import EXACT
from ..errors import WrongValue

Types = tuple[type, ...]

ALLOWED = (bool, int, float, str, bytes, list, dict, NoneType, object)
DEEPEST = 64
"""Levels of lists and objects in one value; browsers give up at some thousands, native code at some ten thousands."""


def types_of(declared: Any) -> Types:
    """Return the types that are meant by ``str``, ``int | None``, ….

    Raises:
        TypeError: one of them is none that a document can hold.

    """
    found = get_args(declared) if get_origin(declared) in (Union, UnionType) else (declared,)
    types = tuple(NoneType if one is None else one for one in found)
    for one in types:
        if one not in ALLOWED:
            raise TypeError(f"{one!r} is no type of a field; there are {', '.join(t.__name__ for t in ALLOWED)}.")
    return types


def type_words(types: Types) -> str:
    """Return the types as words."""
    names = {NoneType: "null", object: "any JSON value", dict: "object", list: "list"}
    return " or ".join(names.get(one, one.__name__) for one in types)


def checked(value: Any, types: Types, what: str) -> Any:
    """Return the value as it is to be written; ``what`` names where.

    Raises:
        WrongValue: it is of another type, or no document can hold it.

    """
    if not _fits(value, types):
        raise WrongValue(f"{what} takes {type_words(types)}, not {_shown(value)}.")
    if isinstance(value, str):
        if not value.isascii():
            _check_text(value, what)
        return value
    if value is None or isinstance(value, bool | bytes):
        return value
    return _checked_json(value, what, 0)


def plain(raw: Any) -> Any:
    """Return what a document holds as a JSON value: shared types as what they contain, whole numbers as integers."""
    if raw is None or isinstance(raw, str | bool | int | bytes):
        return raw
    if isinstance(raw, float):
        return int(raw) if raw.is_integer() and abs(raw) <= EXACT else raw
    if isinstance(raw, dict):
        return {key: plain(one) for key, one in raw.items()}
    if isinstance(raw, list):
        return [plain(one) for one in raw]
    if isinstance(raw, Map | Array):
        return plain(raw.to_py())
    return bytes(raw) if isinstance(raw, bytearray) else _text(raw)


def known(raw: Any, types: Types) -> Any:
    """Return a value of these types; None if what the document holds is of another."""
    value = plain(raw)
    if float in types and isinstance(value, int) and not isinstance(value, bool) and int not in types:
        value = float(value)
    return value if _fits(value, types) else None


def _text(raw: Any) -> str | None:
    return str(raw) if isinstance(raw, Text) else None


def _fits(value: Any, types: Types) -> bool:
    if object in types:
        return value is None or isinstance(value, bool | int | float | str | list | dict | tuple)
    kind = type(value)
    return kind in types or (kind is int and float in types) or (kind is tuple and list in types)


def _checked_json(value: Any, what: str, depth: int) -> Any:
    if depth > DEEPEST:
        raise WrongValue(f"{what}: lists and objects are nested more than {DEEPEST} levels deep.")
    if isinstance(value, dict):
        return {_key(key, what): _checked_json(one, what, depth + 1) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_checked_json(one, what, depth + 1) for one in value]
    return _checked_leaf(value, what)


def _checked_leaf(value: Any, what: str) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        _check_text(value, what)
    elif isinstance(value, int | float):
        _check_number(value, what)
    else:
        raise WrongValue(f"{what} takes JSON values; {_shown(value)} is none.")
    return value


def _check_number(value: float, what: str) -> None:
    if isinstance(value, int) and abs(value) > EXACT:
        raise WrongValue(f"{what}: {value} is beyond 2**53, where browsers do not know whole numbers exactly.")
    if not math.isfinite(value):
        raise WrongValue(f"{what}: {value} is no number in JSON.")


def _check_text(value: str, what: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise WrongValue(f"{what}: character {error.start} is half of a surrogate pair.") from None


def _key(key: Any, what: str) -> str:
    if not isinstance(key, str):
        raise WrongValue(f"{what}: the keys of an object are texts, not {_shown(key)}.")
    _check_text(key, what)
    return key


def _shown(value: Any) -> str:
    text = repr(value)
    return f"{text if len(text) <= 60 else text[:57] + '...'} ({type(value).__name__})"
