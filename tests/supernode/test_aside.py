"""Calculations off the loop."""

import asyncio
import threading

import pytest

from jupyter_rtc.supernode.aside import MUCH, aside, is_much


@pytest.mark.parametrize(("size", "on_loop"), [(0, True), (MUCH - 1, True), (MUCH, False)])
def test_only_what_takes_long_goes_to_a_thread(size, on_loop):
    thread = asyncio.run(aside(size, threading.current_thread))
    assert (thread is threading.current_thread()) is on_loop


@pytest.mark.parametrize("size", [0, MUCH])
def test_what_goes_wrong_there_goes_wrong_here(size):
    with pytest.raises(ZeroDivisionError):
        asyncio.run(aside(size, divmod, 1, 0))


@pytest.mark.parametrize("wrap", [lambda one: one, lambda one: {"cells": [{"source": "x"}, {"outputs": [one]}]}])
def test_what_is_much_is_told_by_its_texts_wherever_they_are(wrap):
    assert not is_much(wrap("x" * 1000)) and is_much(wrap("x" * MUCH)) and is_much(wrap(b"x" * MUCH))
    assert is_much(wrap([None] * MUCH)) and not is_much(wrap(None))
