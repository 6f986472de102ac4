"""Rules of jupyter_rtc.datastore.values."""

import json

import pytest
from hypothesis import given
from pycrdt import Doc, Map

from jupyter_rtc.datastore.values import joined, kept, same, sound

from .notebooks import odd_values


@given(odd_values)
def test_a_document_gives_back_what_is_kept_of_a_value(value):
    shared = Doc().get("root", type=Map)
    shared["key"] = kept(value)
    assert same(kept(json.loads(str(shared))["key"]), kept(value))


@given(odd_values)
def test_keeping_what_is_kept_changes_nothing(value):
    assert same(kept(kept(value)), kept(value))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1.0, 1),
        (-0.0, 0),
        (1.5, 1.5),
        (2**53 - 1, 2**53 - 1),
        (2**53 + 1, float(2**53)),
        (10**400, None),
        (float("inf"), None),
        ("\ud83d", "\ufffd"),
        ("\ud83d\ude00", "😀"),
        ({"\ud800": [1.0]}, {"\ufffd": [1]}),
        ((1, 2), [1, 2]),
    ],
)
def test_numbers_are_doubles_and_texts_are_unicode(value, expected):
    assert same(kept(value), expected) and type(kept(value)) is type(expected)


def test_true_is_not_one():
    assert not same(True, 1) and not same([{"a": False}], [{"a": 0}])
    assert same({"a": [1, None]}, {"a": [1, None]}) and not same([1], [1, 2]) and not same({"a": 1}, {"b": 1})


def test_text_without_lone_surrogates_is_sound_as_it_is():
    assert sound("aé😀\x00") == "aé😀\x00"


def test_lines_are_joined():
    assert joined(["a\n", "b"]) == joined("a\nb") == "a\nb"
