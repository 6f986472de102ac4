"""What may fail without holding up what comes behind it."""

import asyncio

import pytest

from jupyter_rtc.kernels.contained import contained


def test_what_fails_is_said_in_the_log_and_what_comes_behind_it_goes_on(caplog):
    with contained("Room %s could not be told", "a"):
        raise ValueError("no")
    assert "Room a could not be told" in caplog.text
    assert "ValueError: no" in caplog.text


def test_nothing_is_said_of_what_succeeds(caplog):
    with contained("It failed"):
        pass
    assert caplog.text == ""


def test_who_is_cancelled_is_cancelled():
    with pytest.raises(asyncio.CancelledError), contained("It failed"):
        raise asyncio.CancelledError
