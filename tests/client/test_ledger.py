import pytest

from jupyter_rtc.client.ledger import REMEMBERED, OwnText


def append(text: OwnText, what: str, *, own: bool) -> None:
    text.take([(len(str(text)), len(str(text)), what)], own=own)


def test_own_edits_are_told_apart_from_those_of_others():
    text = OwnText("a\n")
    append(text, "mine\n", own=True)
    append(text, "theirs\n", own=False)
    append(text, "mine too\n", own=True)
    assert str(text) == "a\nmine\ntheirs\nmine too\n"
    assert list(text.earlier()) == ["a\nmine\ntheirs\n", "a\ntheirs\n"]


def test_what_was_deleted_here_is_in_the_text_without_that_edit():
    text = OwnText("abcdef")
    text.take([(1, 3, "")], own=True)
    assert (str(text), text.without(1)) == ("adef", "abcdef")


def test_what_others_delete_is_in_no_text():
    text = OwnText("abcdef")
    text.take([(1, 3, "")], own=False)
    assert (str(text), text.without(0)) == ("adef", "adef")


@pytest.mark.parametrize("copy", ["a\n", "a\nmine\n", "a\nmine\nmine too\n"])
def test_a_copy_that_was_made_before_own_edits_gets_them(copy):
    text = OwnText("a\n")
    append(text, "mine\n", own=True)
    append(text, "mine too\n", own=True)
    assert text.rescued(copy) == "a\nmine\nmine too\n"


def test_a_copy_with_what_was_not_seen_here_keeps_it():
    text = OwnText("a\nb\n")
    text.take([(0, 0, "mine\n")], own=True)
    assert text.rescued("a\nb\ntheirs\n") == "mine\na\nb\ntheirs\n"


def test_only_the_last_edits_are_told_apart():
    text = OwnText("")
    for _ in range(REMEMBERED + 10):
        append(text, "x", own=True)
    assert len(list(text.earlier())) == REMEMBERED
    assert text.without(REMEMBERED) == "x" * 10
