"""Rules of jupyter_rtc.datastore.text_joining."""

import random
from time import process_time

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


@pytest.mark.parametrize(
    ("base", "more", "less"),
    [
        ("text\n", "text\nby ana, by bo", "text\nby ana"),
        ("", "one\ntwo", "one"),
        ("f()", "f(a, more, b)", "f(a, b)"),
        ("x = old", "x = new or more", "x = new"),
    ],
)
def test_where_one_inserted_all_that_the_other_did_and_more_it_is_there_once(base, more, less):
    assert join_texts(base, more, less) == join_texts(base, less, more) == (more, False)


def test_a_word_that_is_longer_is_another_word():
    assert join_texts("f()", "f(1)", "f(12)") == ("f(1)\nf(12)", True)


def test_two_versions_of_one_word_leave_both_lines():
    assert join_texts("x = 1\n", "x = 2\n", "x = 3\n") == ("x = 2\nx = 3\n", True)


def test_the_same_insertion_by_both_is_made_once():
    assert join_texts("a\nb\n", "a\nnew\nb\nmine\n", "a\nnew\nb\n") == ("a\nnew\nb\nmine\n", False)


@pytest.mark.parametrize(
    ("base", "live", "disk", "expected"),
    [
        ("a", "a\nb", "a\nc", ("a\nb\nc", True)),
        ("x", "x\ny", "z", ("z\ny", False)),
        ("", "a\nb", "a\nb\nc", ("a\nb\nc", False)),
        ("a\nb", "a", "a\nb changed", ("a\nb changed", True)),
        ("a\n", "a", "b\n", ("b", False)),
        ("f()", "f(1)", "f(2)", ("f(1)\nf(2)", True)),
        ("one two", "one, two", "one two three", ("one, two three", False)),
        ("a\nb\nc", "a\nc", "a\nb\nc\nd", ("a\nc\nd", False)),
        ("a\nb\nc", "", "a\nb\nC", ("a\nb\nC", True)),
        ("x", "", "", ("", False)),
    ],
)
def test_what_becomes_of_two_versions(base, live, disk, expected):
    assert join_texts(base, live, disk) == expected


@given(texts, texts, texts)
def test_both_sides_alone_see_the_same_conflicts(base, one, other):
    assert join_texts(base, one, other)[1] == join_texts(base, other, one)[1]


@pytest.mark.parametrize("seed", range(300))
def test_nothing_that_either_side_inserted_is_lost_and_nothing_is_doubled(seed):
    rng = random.Random(seed)
    base = [f"base{number}" for number in range(rng.randrange(15))]
    (mine, touched), (theirs, also_touched) = (edited(rng, base, side) for side in ("mine", "theirs"))
    end = rng.choice(["", "\n"])
    joined, conflict = join_texts(*("\n".join(lines) + end for lines in (base, mine, theirs)))
    for word in {word for line in (*mine, *theirs) for word in line.split()}:
        if word in touched & also_touched:
            assert joined.split().count(word) <= 2, f"seed {seed}: {word}"
        elif word in touched | also_touched and conflict:
            assert joined.split().count(word) <= 1, f"seed {seed}: {word}"
        elif word not in touched | also_touched:
            assert joined.split().count(word) == 1, f"seed {seed}: {word}"


def edited(rng, base, side):
    """Return the lines with random edits, and the words of the base that these touched."""
    lines, touched = list(base), set()
    for number in range(rng.randrange(6)):
        at = rng.randrange(len(lines) + 1)
        match rng.randrange(3):
            case 1 if at < len(lines):
                touched |= set(lines[at].split())
                lines[at] += f" {side}{number}"
            case 2 if at < len(lines) and side not in lines[at]:
                touched |= set(lines[at].split())
                del lines[at]
            case _:
                lines.insert(at, f"{side}{number}")
    return lines, {word for word in touched if word.startswith("base")}


def test_a_large_text_is_joined_in_a_few_seconds_at_most():
    rng = random.Random(1)
    lines = [f"line {rng.randrange(10**9)}" for _ in range(40_000)]
    live, disk = ([f"{line} {side}" if rng.random() < 0.2 else line for line in lines] for side in ("live", "disk"))
    start = process_time()
    join_texts("\n".join(lines), "\n".join(live), "\n".join(disk))
    assert process_time() - start < 5
