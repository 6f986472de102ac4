"""Parsing a long JSON text in pieces."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_rtc.datastore.piecewise import parse_piecewise

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES, st.sampled_from([None, 0, 1, "\t"]), st.booleans())
def test_it_gives_what_the_decoder_gives(value, indent, ascii_only):
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    assert parse_piecewise(text) == json.loads(text)


@given(st.dictionaries(st.text(max_size=3), VALUES, max_size=3), st.data())
def test_it_refuses_what_the_decoder_refuses(value, draw):
    text = json.dumps(value)
    at = draw.draw(st.integers(0, len(text)))
    broken = text[:at] + draw.draw(st.sampled_from(["", "}", "]", ",", ":", '"', "x"])) + text[at + 1 :]
    assert _outcome(parse_piecewise, broken) == _outcome(json.loads, broken)


@pytest.mark.parametrize(
    "text",
    ["", "{", '{"a"', '{"a":', '{"a": [1,]}', '{"a": [1', '{"a": 1,}', '{"a": 1} x', "\ufeff{}", "{1: 2}", '{"a": []]'],
)
def test_it_explains_a_broken_text_as_the_decoder_does(text):
    assert _outcome(parse_piecewise, text) == _outcome(json.loads, text)
    assert "JSONDecodeError" in str(_outcome(parse_piecewise, text))


def test_of_a_key_that_is_there_twice_the_last_counts():
    assert parse_piecewise('{"a": [1], "b": {}, "a": [ ]} ') == {"a": [], "b": {}}


def _outcome(parse, text):
    try:
        return repr(parse(text))
    except ValueError as error:
        return f"{type(error).__name__}: {error}"
