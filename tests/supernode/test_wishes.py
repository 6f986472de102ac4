"""Whose wish about autosave counts."""

import pytest

from jupyter_rtc.supernode.wishes import autosave_is_wanted

ON, OFF, SILENT = {"autosave": True}, {"autosave": False}, {"user": {"name": "A"}}


@pytest.mark.parametrize(
    ("states", "before", "wanted"),
    [
        ([], True, True),
        ([], False, False),
        ([SILENT], True, True),
        ([ON], False, True),
        ([OFF], True, False),
        ([ON, OFF], False, True),
        ([OFF, OFF, SILENT], True, False),
    ],
)
def test_one_who_wants_it_is_enough_and_silence_changes_nothing(states, before, wanted):
    assert autosave_is_wanted(states, before) is wanted
