"""Rules of jupyter_rtc.datastore.json_text."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_rtc.datastore.json_text import JsonStyle, elements, indented, members, put_together, root
from jupyter_rtc.datastore.values import kept

from .notebooks import values

spellings = st.fixed_dictionaries(
    {
        "indent": st.sampled_from([None, 1, 4, "\t"]),
        "separators": st.sampled_from([(",", ":"), (", ", ": "), (" ,", " : ")]),
        "ensure_ascii": st.booleans(),
    }
)


@given(st.dictionaries(st.text(max_size=5), values, max_size=5), spellings)
def test_the_members_of_an_object_are_found_where_they_stand(value, spelling):
    text = " \n" + json.dumps(value, **spelling) + "\n"
    found = members(text, root(text))
    assert {piece.key: piece.value for piece in found} == value
    for piece in found:
        assert json.loads(text[piece.start : piece.end]) == piece.value
        assert json.loads("{" + text[piece.begin : piece.end] + "}") == {piece.key: piece.value}


@given(st.lists(values, max_size=5), spellings)
def test_the_elements_of_an_array_are_found_where_they_stand(value, spelling):
    text = json.dumps(value, **spelling)
    found = elements(text, root(text))
    assert [json.loads(text[piece.start : piece.end]) for piece in found] == value


@given(st.lists(values, max_size=5), st.lists(values, max_size=5), spellings)
def test_an_array_can_be_put_together_of_other_elements(old, new, spelling):
    text = json.dumps({"a": old}, **spelling)
    (array,) = members(text, root(text))
    style = JsonStyle.of(text)
    made = put_together(text, array, elements(text, array), [style.spell(one, 2) for one in new], style, 1)
    assert json.loads(made) == new


@given(st.lists(values, max_size=5), spellings)
def test_an_array_put_together_of_its_own_elements_is_itself(value, spelling):
    text = json.dumps(value, **spelling)
    found = elements(text, root(text))
    parts = [text[piece.start : piece.end] for piece in found]
    assert put_together(text, root(text), found, parts, JsonStyle.of('{"a": 1}'), 0) == text


@given(values, st.sampled_from([None, 1, 4, "\t"]), st.booleans())
def test_a_new_value_is_spelled_as_its_surroundings_are(value, indent, ascii_only):
    text = json.dumps({"é": {"key": value}}, indent=indent, ensure_ascii=ascii_only)
    assert JsonStyle.of(text).spell({"key": value}, 1) in text


def test_text_that_is_ascii_by_chance_does_not_ask_for_escapes():
    assert not JsonStyle.of('{"a": "b\\u000b"}').ascii
    assert JsonStyle.of('{"a": "\\u00e9"}').ascii


@pytest.mark.parametrize("text", ["", "{", '{"a": }', "rubbish"])
def test_what_is_no_json_is_an_error(text):
    with pytest.raises(ValueError, match=r".+"):
        root(text)


@given(values)
def test_indented_is_what_python_makes_of_what_is_kept(value):
    assert indented(value) == json.dumps(kept(value), indent=1, sort_keys=True, ensure_ascii=False)
