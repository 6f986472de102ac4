"""A stream's text, as a terminal shows it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_rtc.datastore import terminal_text
from jupyter_rtc.datastore.terminal_text import ROW, TerminalText

pieces = st.lists(
    st.one_of(
        st.text("abc", max_size=5),
        st.sampled_from(["\r", "\n", "\b", "\r\n", "\x1b", "\x1b[", "31", "m", "\x1b[31m", "\x1b[0m", "\x1b[1;4m"]),
        st.sampled_from(["\x1b[K", "\x1b[2K", "\x1b[A", "\x1b]0;t", "\x07", "é", "\U0001f600", "m\r", "\rx"]),
    ),
    max_size=25,
)  # fmt: skip


def shown(*parts):
    terminal, text = TerminalText(), ""
    for part in parts:
        drop, more = terminal.feed(part)
        text = text[: len(text) - drop] + more
    return text


@pytest.mark.parametrize(
    ("fed", "text"),
    [
        ("a\nb", "a\nb"),
        ("a\r\nb", "a\nb"),
        ("abc\r", "abc"),
        ("abc\rX", "Xbc"),
        ("abc\rX\n", "Xbc\n"),
        ("abc\rlonger", "longer"),
        ("one\ntwo\rT", "one\nTwo"),
        ("one\n\rT", "one\nT"),
        ("ab\bX", "aX"),
        ("ab\b", "ab"),
        ("ab\b\b\b\bXY", "XY"),
        ("a\n\bX", "a\nX"),
        ("abc\b \b", "ab "),
        ("  1%\r 50%\r100%\n", "100%\n"),
        ("é€\rx", "x€"),
    ],
)
def test_returning_and_going_back_overwrite(fed, text):
    assert shown(fed) == text


@pytest.mark.parametrize(
    ("fed", "text"),
    [
        ("\x1b[31mred\x1b[0m plain\n", "\x1b[31mred\x1b[0m plain\n"),
        ("\x1b[31mred\x1b[39m\r\nnext", "\x1b[31mred\x1b[39m\nnext"),
        ("\x1b[31mabc\x1b[0m\rX", "\x1b[0mX\x1b[0m\x1b[31mbc\x1b[0m"),
        ("abc\r\x1b[31mX\x1b[0m", "\x1b[31mX\x1b[0mbc\x1b[0m"),
        ("\x1b[32m###\x1b[0m\r\x1b[32m####\x1b[0m", "\x1b[0m\x1b[32m####\x1b[0m"),
        ("\x1b[31mabc\n\rx", "\x1b[31mabc\nx"),
        ("50% done\r\x1b[Kend", "\x1b[Kend"),
        ("50% done\r\x1b[2Kend", "\x1b[2Kend"),
        ("abc\b\x1b[K", "ab\x1b[K"),
        ("abc\x1b[2Kd", "   \x1b[2Kd"),
        ("abc\x1b[2K\n", "\x1b[2K\n"),
        ("a\n\x1b[Ab", "a\n\x1b[Ab"),
        ("a\x1b", "a\x1b"),
        ("a\x1b[3", "a\x1b[3"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\\rL", "\x1b]8;;\x1b\\Link"),
    ],
)
def test_escape_sequences_stay_and_take_no_room(fed, text):
    assert shown(fed) == text
    assert shown(*fed) == text


@given(st.text("abc\n\x1b[]01;mKA\x07 é", max_size=60).filter(lambda text: "\x1b[2K" not in text))
def test_a_text_that_never_goes_back_stays_as_it_is(text):
    assert shown(text) == text


@given(pieces, st.sampled_from([1, 2, 3, 5, 8, ROW]))
def test_how_a_text_is_cut_makes_no_difference(parts, row):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(terminal_text, "ROW", row)
        whole = "".join(parts)
        assert shown(*parts) == shown(whole) == shown(*whole)


@given(pieces)
def test_taking_seldom_and_taking_often_give_the_same(parts):
    terminal = TerminalText()
    for part in parts:
        terminal.write(part)
    assert terminal.take() == (0, shown(*parts))
    assert terminal.take() == (0, "")


@given(pieces)
def test_only_what_is_open_is_ever_dropped(parts):
    terminal = TerminalText()
    for part in parts:
        before = terminal.open
        drop, _ = terminal.feed(part)
        assert drop <= before


def simple_terminal(text):
    """The screen of a terminal without styles, written down as simply as possible."""
    lines, column = [[]], 0
    for sign in text:
        if sign == "\n":
            lines.append([])
            column = 0
        elif sign == "\r":
            column = 0
        elif sign == "\b":
            column = max(0, column - 1)
        else:
            lines[-1][column : column + 1] = [sign]
            column += 1
    return "\n".join(map("".join, lines))


@given(st.text("ab\r\b\n", max_size=40))
def test_it_is_what_a_simple_terminal_shows(text):
    assert shown(text) == simple_terminal(text)


def coloured_screen(text):
    """What is seen of a text: every character with its style."""
    from jupyter_rtc.datastore.ansi import ESCAPE, PLAIN, style_after

    seen, style, at = [], PLAIN, 0
    while at < len(text):
        found = ESCAPE.match(text, at)
        if found:
            style = style_after(found[0], style)
            at = found.end()
        else:
            seen.append((text[at], style))
            at += 1
    return seen


coloured = st.lists(
    st.sampled_from(["a", "bc", "\r", "\b", "\n", "\x1b[31m", "\x1b[1m", "\x1b[0m", "\x1b[22m"]), max_size=25
)


@given(coloured)
def test_every_character_keeps_the_style_in_which_it_was_written(parts):
    lines, column, style = [[]], 0, ""
    for sign, style in coloured_screen("".join(parts)):
        if sign == "\n":
            lines.append([])
            column = 0
        elif sign == "\r":
            column = 0
        elif sign == "\b":
            column = max(0, column - 1)
        else:
            lines[-1][column : column + 1] = [(sign, style)]
            column += 1
    wanted = [one for line in lines for one in [*line, "\n"]][:-1]
    seen = [sign if sign == "\n" else (sign, style) for sign, style in coloured_screen(shown("".join(parts)))]
    assert seen == wanted


class Counting(TerminalText):
    """Counts the characters of all rows that are put together."""

    work = 0

    def _rendered(self):
        text = super()._rendered()
        self.work += len(text)
        return text


@pytest.mark.parametrize("piece", ["x" * 50, "line\n", "\r 50%|####", "\x1b[31mx\x1b[0m", "\b\b|/"])
def test_the_cost_of_a_piece_does_not_grow_with_the_text(piece):
    terminal = Counting()
    for _ in range(4000):
        terminal.feed(piece)
    first, terminal.work = terminal.work, 0
    for _ in range(4000):
        terminal.feed(piece)
    assert terminal.work <= max(1.5 * first, 4000 * 2 * ROW)
    assert terminal.open <= ROW + len(piece)


def test_a_line_that_is_never_ended_keeps_only_its_last_row_open():
    terminal = Counting()
    terminal.write("x" * 5_000_000)
    drop, text = terminal.take()
    assert (drop, len(text)) == (0, 5_000_000)
    assert terminal.work <= 5_000_000
    assert terminal.open < ROW
    assert terminal.feed("\ry")[0] <= ROW


def test_many_sequences_and_no_character_keep_only_a_row_open():
    terminal = Counting()
    terminal.write("\x1b[0m" * 100_000)
    assert len(terminal.take()[1]) == 400_000
    assert terminal.open <= ROW
