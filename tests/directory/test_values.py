"""Rules of jupyter_rtc.directory.values."""

from datetime import UTC, datetime

import pytest

from jupyter_rtc.directory.values import one_of, seconds, shareable, text


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("1970-01-01T00:00:10.500000Z", 10.5),
        ("1970-01-01T01:00:00+01:00", 0.0),
        (datetime(1970, 1, 1, 0, 1, tzinfo=UTC), 60.0),
        (datetime(1970, 1, 1, 0, 1), 60.0),
        ("yesterday", None),
        (None, None),
    ],
)
def test_a_moment_is_seconds_since_1970(said, meant):
    assert seconds(said) == meant


def test_what_is_no_text_or_not_known_has_a_default():
    assert text("a") == "a" and text(None) == "" and text(3, "?") == "?"
    assert one_of("idle", ("idle",), "unknown") == "idle" and one_of("odd", ("idle",), "unknown") == "unknown"
    assert one_of(None, ("idle",), "unknown") == "unknown"


def test_anything_can_be_shared():
    when = datetime(1970, 1, 1, tzinfo=UTC)
    assert shareable({1: (when, {2.5: None}), "a": [b"x"]}) == {
        "1": ["1970-01-01T00:00:00+00:00", {"2.5": None}],
        "a": ["b'x'"],
    }
