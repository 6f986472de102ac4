"""Rules of jupyter_rtc.datastore.text_joining."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_rtc.datastore.text_joining import join_texts

texts = st.text("ab \n😀é", max_size=40)


@given(texts, texts)
def test_where_one_side_changed_nothing_the_other_side_is_taken(base, other):
    assert join_texts(base, base, other) == (other, False)
    assert join_texts(base, other, base) == (other, False)
    assert join_texts(base, other, other) == (other, False)


def test_changes_of_different_lines_are_both_made():
    assert join_texts("a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n") == ("A\nb\nC\n", False)


def test_changes_of_different_words_in_one_line_are_both_made():
    assert join_texts("x = old + y", "x = new + y", "x = old + z") == ("x = new + z", False)


def test_two_versions_of_one_word_leave_both_lines():
    assert join_texts("x = 1\n", "x = 2\n", "x = 3\n") == ("x = 2\nx = 3\n", True)


def test_the_same_insertion_by_both_is_made_once():
    assert join_texts("a\nb\n", "a\nnew\nb\nmine\n", "a\nnew\nb\n") == ("a\nnew\nb\nmine\n", False)


@pytest.mark.parametrize("seed", range(300))
def test_nothing_that_either_side_inserted_is_lost(seed):
    rng = random.Random(seed)
    base = [f"line {number}" for number in range(rng.randrange(1, 15))]
    sides = []
    for side in ("mine", "theirs"):
        lines = list(base)
        for number in range(rng.randrange(6)):
            at = rng.randrange(len(lines) + 1)
            match rng.randrange(3):
                case 0:
                    lines.insert(at, f"{side}{number} inserted")
                case 1 if at < len(lines):
                    lines[at] += f" {side}{number}"
                case 2 if at < len(lines):
                    del lines[at]
        sides.append(lines)
    mine, theirs = sides
    joined, _ = join_texts(*("\n".join(lines) + "\n" for lines in (base, mine, theirs)))
    for lines in sides:
        for word in " ".join(lines).split():
            if word.startswith(("mine", "theirs")):
                assert word in joined, f"seed {seed}: {word}"
