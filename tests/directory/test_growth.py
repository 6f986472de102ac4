"""Rules of jupyter_rtc.directory.growth."""

import pytest
from pycrdt import Doc, Map

from jupyter_rtc.directory import growth
from jupyter_rtc.directory.growth import Growth


@pytest.fixture
def doc(monkeypatch):
    monkeypatch.setattr(growth, "LARGE", 10_000)
    return Doc()


def overwrite(doc, times):
    """Change two values in turn, so that what was overwritten cannot be put together."""
    values = doc.get("values", type=Map)
    for number in range(times):
        values["ab"[number % 2]] = number


def test_a_document_is_as_large_as_what_it_shows_as_long_as_nothing_is_overwritten(doc):
    looks = Growth(doc)
    doc.get("values", type=Map)["long"] = "x" * 50_000
    assert not looks.is_too_large(["x" * 50_000])
    looks.close()


def test_what_was_overwritten_makes_it_too_large_and_it_is_weighed_only_now_and_then(doc):
    looks = Growth(doc)
    overwrite(doc, 100)
    assert not looks.is_too_large([{"a": 1, "b": 2}])
    overwrite(doc, 2_000)
    assert looks.is_too_large([{"a": 1, "b": 2}])
    assert not looks.is_too_large([{"a": 1, "b": 2}])
    looks.close()


def test_one_that_shows_much_may_be_large(doc):
    looks = Growth(doc)
    overwrite(doc, 2_000)
    assert not looks.is_too_large(["x" * 50_000])
    looks.close()
