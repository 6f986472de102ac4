"""The hash by which a frontend says which text its author saw."""

import pytest

from jupyter_rtc.datastore.source_hash import source_hash


@pytest.mark.parametrize(("text", "expected"), [("", "0"), ("1 + 1", "3531899427"), ("print('hello')", "3975440051")])
def test_the_hash_is_the_one_that_the_frontend_computes(text, expected):
    assert source_hash(text) == expected


def test_every_byte_of_the_text_counts():
    texts = ["", "a", "ab", "abc", "abcd", "abcde", "é", "😀", "abce"]
    assert len({source_hash(text) for text in texts}) == len(texts)
