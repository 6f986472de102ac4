"""A participant, as its room knows it."""

from jupyter_rtc.relay.member import Member
from jupyter_rtc.relay.presence import Identity
from jupyter_rtc.relay.session import Standing


def a_member():
    return Member(Identity({"username": "ana"}), Standing.WRITING)


def test_who_waits_is_called_by_the_answer_to_the_last_question_before_they_waited():
    member, called = a_member(), []
    member.asked = 2
    member.wait(lambda: called.append("first"))
    member.asked = 3
    member.wait(lambda: called.append("second"))
    member.note_answer()
    assert called == []
    member.note_answer()
    assert called == ["first"]
    member.note_answer()
    assert called == ["first", "second"]


def test_an_answer_ends_its_silence():
    member = a_member()
    member.asked, member.mute = 1, True
    member.note_answer()
    assert not member.mute


def test_of_who_is_excused_nobody_waits():
    member, called = a_member(), []
    member.asked = 5
    member.wait(lambda: called.append("called"))
    member.excuse()
    assert called == ["called"] and member.answered == 5
    member.note_answer()
    assert called == ["called"]
