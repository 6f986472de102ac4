"""Rules of jupyter_rtc.lab.room."""

import pytest

from jupyter_rtc.errors import DocumentUnreadable, EpochMismatch, ProtocolError
from jupyter_rtc.ids import Epoch, RoomId
from jupyter_rtc.lab.room import HOLD_SECONDS, MAX_TOLD, Told, lab_manner, lab_room

ROOM, OLD = RoomId("json:notebook:1"), Epoch("old")


def test_one_that_was_told_by_a_dialog_is_on_hold_for_a_while_and_others_are_not():
    now = [0.0]
    manner = lab_manner(Told(lambda: now[0]))
    assert not manner.is_told(ROOM, OLD, "ana")
    manner.closing(EpochMismatch("x"), ROOM, OLD, "ana")
    assert manner.is_told(ROOM, OLD, "ana")
    assert not manner.is_told(ROOM, OLD, "bo") and not manner.is_told(ROOM, Epoch("new"), "ana")
    now[0] = HOLD_SECONDS
    assert not manner.is_told(ROOM, OLD, "ana")


def test_one_who_opens_the_document_anew_is_told_again_at_once():
    told = Told(lambda: 0.0)
    manner = lab_manner(told)
    manner.closing(DocumentUnreadable("x"), ROOM, None, "ana")
    manner.closing(DocumentUnreadable("x"), ROOM, None, "bo")
    told.open(ROOM, Epoch(""), "ana")
    assert not manner.is_told(ROOM, None, "ana")
    assert manner.is_told(ROOM, None, "bo")


def test_who_is_closed_without_a_dialog_may_dial_again_at_once():
    manner = lab_manner(Told(lambda: 0.0))
    manner.closing(None, ROOM, OLD, "ana")
    assert not manner.is_told(ROOM, OLD, "ana")


def test_the_memory_of_who_was_told_is_bounded():
    told = Told(lambda: 0.0)
    for number in range(MAX_TOLD + 10):
        told.tell((RoomId(str(number)), OLD, "ana"))
    assert len(told._when) == MAX_TOLD


def test_only_files_and_global_awareness_have_rooms():
    assert lab_room("json%3Anotebook%3A1") == ROOM
    assert lab_room("JupyterLab:globalAwareness") == "JupyterLab:globalAwareness"
    with pytest.raises(ProtocolError):
        lab_room("0123456789abcdef")
