"""Giving memory back to the system."""

import asyncio
import sys

import pytest

from jupyter_rtc.relay import spare_memory

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="another system counts memory in another way")


def resident() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096


def test_what_was_freed_between_what_is_needed_goes_back():
    if spare_memory._TRIM is None:
        pytest.skip("this C library has no way to say so")
    pieces = [bytes(8_000) for _ in range(8_000)]
    del pieces[:-1:1]
    needed = pieces
    full = [bytes(8_000) for _ in range(8_000)]
    last = full[-1]
    before = resident()
    full.clear()
    asyncio.run(spare_memory.give_back())
    assert resident() < before - 30_000_000
    assert needed and last


def test_where_there_is_no_way_nothing_happens(monkeypatch):
    monkeypatch.setattr(spare_memory, "_TRIM", None)
    asyncio.run(spare_memory.give_back())
