"""Rules of jupyter_rtc.datastore.diff."""

import random
from itertools import combinations
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_rtc.datastore.diff import MAX_EDITS, changes, edits, longest_rise, text_edits, words

texts = st.text("ab \n😀é", max_size=40)


def applied(text, found):
    for start, end, new in found:
        text = text[:start] + new + text[end:]
    return text


@given(st.lists(st.sampled_from("abc")), st.lists(st.sampled_from("abc")))
def test_edits_make_the_new_sequence_of_the_old_one(old, new):
    out = list(old)
    for edit in reversed(edits(old, new)):
        out[edit.start : edit.end] = edit.new
    assert out == new


@given(texts, texts)
def test_text_edits_can_be_made_one_after_the_other(old, new):
    assert applied(old, text_edits(old, new)) == new


def test_a_character_more_is_an_edit_of_one_character():
    assert text_edits("value = 10", "value = 100") == [(10, 10, "0")]
    assert text_edits("a\nword\nb", "a\nwork\nb") == [(5, 6, "k")]
    assert text_edits("same", "same") == []


@pytest.mark.parametrize(
    ("old", "new", "edit"),
    [
        ("e", "e\u0301", (0, 1, "e\u0301")),
        ("👩\u200d🚀 x", "👩 x", (0, 3, "👩")),
        ("👍🏽", "👍🏿", (0, 2, "👍🏿")),
        ("🇩🇪", "🇩🇰", (0, 2, "🇩🇰")),
        ("🇩🇪🇫🇷", "🇩🇪🇫🇮", (2, 4, "🇫🇮")),
        ("né", "née", (2, 2, "e")),
    ],
)
def test_no_edit_divides_what_a_reader_sees_as_one_character(old, new, edit):
    assert text_edits(old, new) == [edit]


@given(texts)
def test_words_are_the_text(text):
    assert "".join(words(text)) == text


@given(st.lists(st.integers(0, 20), max_size=9))
def test_a_longest_rise_rises_and_no_other_is_longer(numbers):
    found = [numbers[index] for index in longest_rise(numbers)]
    assert found == sorted(set(found))
    rises = (c for n in range(len(numbers) + 1) for c in combinations(numbers, n) if list(c) == sorted(set(c)))
    assert len(found) == max(map(len, rises))


@pytest.mark.parametrize(
    ("kinds", "what"),
    [(5, "few kinds of lines"), (300, "some kinds"), (10**9, "all lines different")],
)
def test_a_megabyte_that_is_all_different_is_compared_in_a_few_seconds_at_most(kinds, what):
    rng = random.Random(kinds)
    old, new = ("\n".join(f"line {rng.randrange(kinds)} of text" for _ in range(40_000)) for _ in range(2))
    start = process_time()
    found = text_edits(old, new)
    assert process_time() - start < 5, what
    assert applied(old, found) == new and len(found) <= MAX_EDITS


def test_scattered_edits_of_a_large_text_stay_small():
    lines = [f"line {number % 700} of text" for number in range(40_000)]
    changed = [f"{line}!" if number % 1000 == 7 else line for number, line in enumerate(lines)]
    found = text_edits("\n".join(lines), "\n".join(changed))
    assert [text for _, _, text in found] == ["!"] * 40


@given(st.lists(st.sampled_from("abcdefgh"), max_size=400), st.lists(st.sampled_from("abcdefgh"), max_size=400))
def test_long_sequences_are_compared_right_too(old, new):
    out = list(old)
    for change in reversed(changes(old, new)):
        out[change.start : change.end] = new[change.new_start : change.new_end]
    assert out == new
