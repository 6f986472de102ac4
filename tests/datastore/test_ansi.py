"""Escape sequences: where they are, and what style they bring about."""

import pytest

from jupyter_rtc.datastore.ansi import BEGUN, ESCAPE, PLAIN, style_after, switch_to


@pytest.mark.parametrize(
    "sequence",
    ["\x1b[0m", "\x1b[1;31m", "\x1b[38;5;12m", "\x1b[?25l", "\x1b[2K", "\x1b[A", "\x1bc", "\x1b(B", "\x1b]0;a b\x07",
     "\x1b]8;;http://x\x1b\\"],
)  # fmt: skip
def test_a_sequence_is_found_whole_and_its_beginnings_are_known_as_such(sequence):
    assert ESCAPE.match(sequence + "m")[0] == sequence
    for end in range(1, len(sequence)):
        assert ESCAPE.match(sequence[:end]) is None
        assert BEGUN.match(sequence[:end])
    assert not BEGUN.match(sequence)


@pytest.mark.parametrize(
    "text", ["\x1b\n", "\x1b[é", "\x1b]0;a\nb\x07", "\x1b[" + "1" * 300 + "m", "\x1b]" + "x" * 5000]
)
def test_what_only_looks_like_a_sequence_is_none(text):
    assert ESCAPE.match(text) is None
    assert BEGUN.match(text) is None


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("abc", ""),
        ("\x1b[31m", "31"),
        ("\x1b[1m\x1b[31m", "1;31"),
        ("\x1b[31m\x1b[1m", "1;31"),
        ("\x1b[31;42m\x1b[32m", "32;42"),
        ("\x1b[31m\x1b[0m", ""),
        ("\x1b[31m\x1b[m", ""),
        ("\x1b[31m\x1b[0;1m", "1"),
        ("\x1b[31m\x1b[39m", ""),
        ("\x1b[1;2m\x1b[22m", ""),
        ("\x1b[38;5;1;4m", "4;38;5;1"),
        ("\x1b[38;2;1;2;3m\x1b[48;5;7m", "38;2;1;2;3;48;5;7"),
        ("\x1b[38;2;1;2;3m\x1b[95m", "95"),
        ("\x1b[4:3m\x1b[24m", ""),
        ("\x1b[38m", "38"),
        ("\x1b[31m\x1b[2K\x1b[A", "31"),
    ],
)
def test_the_style_behind_a_text(text, style):
    assert style_after(text, PLAIN) == style


def test_a_style_grows_with_what_it_says_and_not_with_how_often():
    style = PLAIN
    for number in range(1000):
        style = style_after(f"\x1b[{30 + number % 8}m\x1b[38;5;{number % 256}m\x1b[{1 + number % 9}m", style)
    assert len(style) < 60


@pytest.mark.parametrize("style", ["", "31", "1;4;38;5;12"])
def test_a_style_can_be_brought_about_from_any_other(style):
    assert style_after(switch_to(style), "7;33") == style
