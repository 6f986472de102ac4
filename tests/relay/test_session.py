"""Rules of jupyter_rtc.relay.session."""

import typing

import pytest

from jupyter_rtc.protocol import messages as m
from jupyter_rtc.relay.session import MOVES, Move, Standing

KINDS = typing.get_args(m.Message)


@pytest.mark.parametrize("standing", Standing)
@pytest.mark.parametrize("kind", KINDS)
def test_every_message_has_a_move_in_every_state(standing, kind):
    assert isinstance(MOVES[standing][kind], Move)


def test_only_one_who_may_write_changes_anything():
    for standing in Standing:
        changing = {kind for kind, move in MOVES[standing].items() if move in {Move.EDIT, Move.SAVE}}
        expected = {m.SyncStep2, m.Update, m.SaveRequest} if standing is Standing.WRITING else set()
        assert changing == expected


def test_what_only_a_server_says_is_a_fault():
    for kind in (m.SaveReply, m.Conflict, m.Stored, m.EpochIs, m.Problem):
        assert MOVES[Standing.WRITING][kind] is Move.FAULT
