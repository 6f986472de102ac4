"""Rules of jupyter_rtc.relay.room."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycrdt import Doc, Map, Text

from jupyter_rtc.errors import ProtocolError
from jupyter_rtc.ids import ParticipantId, new_epoch
from jupyter_rtc.protocol import messages as m
from jupyter_rtc.protocol import nesting
from jupyter_rtc.protocol.codec import decode, encode, encode_number
from jupyter_rtc.relay.member import Member
from jupyter_rtc.relay.presence import Identity
from jupyter_rtc.relay.room import Room
from jupyter_rtc.relay.session import Standing

ANA, BO = ParticipantId(1), ParticipantId(2)
NAME = "json:notebook:x"


def member(name="ana", standing=Standing.WRITING, ours=False):
    return Member(Identity({"username": name}), standing, ours)


def room_with(*who):
    room = Room(Doc(), new_epoch(), name=NAME)
    for number, one in enumerate(who, 1):
        room.join(ParticipantId(number), one)
    room.take()
    return room


def update_of(write, doc=None):
    doc = doc or Doc()
    before = doc.get_state()
    write(doc)
    return doc.get_update(before)


def typing(word):
    return lambda doc: doc.get("t", type=Text).insert(0, word)


def greeting(doc):
    doc.get("state", type=Map)["document_id"] = NAME


def sent_to(ready, who):
    return [decode(letter.message) for letter in ready.send if letter.to == who]


def test_a_newcomer_is_told_what_we_have_and_who_is_here():
    room = room_with(member("ana"))
    room.receive(ANA, encode(m.Awareness((m.Presence(7, 1, '{"a":1}'),))), 0)
    room.join(BO, member("bo", ours=True))
    said = sent_to(room.take(), BO)
    assert [type(one) for one in said] == [m.EpochIs, m.SyncStep1, m.Awareness]


def test_a_room_that_only_the_server_changes_takes_nothing_from_anybody_at_any_time():
    room = Room(Doc(), new_epoch(), read_only=True)
    room.join(ANA, member("ana", ours=True))
    for _ in range(2):
        room.receive(ANA, encode(m.Update(update_of(typing("forged")))), 0)
        room.set_standing(ANA, Standing.WRITING)
    assert str(room.doc.get("t", type=Text)) == "" and room.changes.revision == 0
    ready = room.take()
    assert [one.code for one in sent_to(ready, ANA) if isinstance(one, m.Problem)] == ["not_allowed"]
    assert len(ready.refused) == 2 and not ready.append


def test_a_newcomer_is_told_what_lasts_until_it_is_over():
    room = room_with(member("ana", ours=True))
    room.tell(m.Problem("file read-only", "It cannot be written."), lasts=True)
    room.tell(m.Problem("conflict", "Both texts were kept."))
    room.join(BO, member("bo", ours=True))
    ready = room.take()
    assert [one.code for one in sent_to(ready, ANA) if isinstance(one, m.Problem)] == ["file read-only", "conflict"]
    assert [one.code for one in sent_to(ready, BO) if isinstance(one, m.Problem)] == ["file read-only"]
    room.tell(m.Problem("file fine", "It can be written again."), lasts=False)
    room.join(ParticipantId(3), member("cy", ours=True))
    assert [one for one in sent_to(room.take(), ParticipantId(3)) if isinstance(one, m.Problem)] == []


def test_those_who_asked_for_no_words_are_shown_in_the_text_what_lasts_until_it_is_over():
    room = room_with(member("ana"), member("bo", ours=True))
    writing = m.Awareness((m.Presence(7, 1, '{"cursors":[{"head":"here"}]}'),))
    for who in (ANA, BO):
        room.receive(who, encode(writing), 0)
    room.tell(m.Problem("file read-only", "It cannot be written."), lasts=True, brief="Read-only")
    room.take()
    room.tick(1)
    ready = room.take()
    [shown] = sent_to(ready, ANA)
    assert '"display_name":"Read-only"' in shown.states[0].state and sent_to(ready, BO) == []
    room.receive(ANA, encode(shown), 1)  # y-websocket echoes what it hears
    assert [one.client for one in room.presence.everyone()] == [7]
    room.tell(m.Problem("file fine", "It can be written again."), lasts=False)
    room.take()
    room.tick(2)
    [gone] = sent_to(room.take(), ANA)
    assert (gone.states[0].client, gone.states[0].state) == (shown.states[0].client, None)


def test_a_change_is_appended_and_told_with_its_author():
    room = room_with(member(), member("bo"))
    update = update_of(typing("hello"))
    room.receive(ANA, encode(m.Update(update)), 0)
    ready = room.take()
    assert [(entry.seq, entry.update) for entry in ready.append] == [(1, update)]
    assert [(decode(frame.message), frame.author) for frame in ready.broadcast] == [(m.Update(update), ANA)]
    assert ready.state == room.doc.get_state()


def test_a_change_that_is_known_already_is_neither_stored_nor_told():
    room = room_with(member())
    update = update_of(typing("hello"))
    room.receive(ANA, encode(m.Update(update)), 0)
    room.take()
    room.receive(ANA, encode(m.Update(update)), 0)
    ready = room.take()
    assert ready.append == [] and ready.broadcast == []


def test_a_change_whose_predecessors_are_missing_is_asked_for_and_not_acknowledged():
    room = room_with(member(ours=True))
    doc = Doc()
    first = update_of(typing("one "), doc)
    second = update_of(typing("two "), doc)
    room.receive(ANA, encode(m.Update(second)), 0)
    assert room.take_acknowledged() == []
    ready = room.take()
    assert ready.append == []
    assert [type(one) for one in sent_to(ready, ANA)] == [m.SyncStep1]
    room.receive(ANA, encode(m.SyncStep2(first)), 0)
    assert str(room.doc.get("t", type=Text)) == "two one "
    assert room.take_acknowledged() == [ANA]


def test_a_change_with_which_more_came_true_than_was_sent_is_told_to_its_sender_too():
    room = room_with(member(), member("bo"))
    ana, bo = Doc(), Doc()
    first = update_of(typing("ana's "), ana)
    bo.apply_update(first)  # by another way
    beside = update_of(typing("bo's "), bo)
    room.receive(BO, encode(m.Update(beside)), 0)
    room.receive(ANA, encode(m.Update(first)), 0)
    assert str(room.doc.get("t", type=Text)) == "bo's ana's "
    for frame in room.take().broadcast:
        assert frame.author is None
        ana.apply_update(decode(frame.message).update)
    assert str(ana.get("t", type=Text)) == "bo's ana's "


def test_one_that_lost_what_it_was_sent_is_asked_again_for_what_is_missing_here():
    room = room_with(member())
    room.resync(ANA, b"\x00")
    assert {type(one) for one in sent_to(room.take(), ANA)} == {m.SyncStep1, m.SyncStep2}


def test_a_reader_s_change_is_refused_with_a_word_and_its_room_goes_on():
    room = room_with(member("bo", Standing.READING, ours=True), member("ana"))
    room.receive(ANA, encode(m.Update(update_of(typing("no")))), 0)
    room.receive(ANA, encode(m.Update(update_of(typing("no")))), 0)
    ready = room.take()
    problems = [one for one in sent_to(ready, ANA) if isinstance(one, m.Problem)]
    assert len(problems) == 1 and "not change it" in problems[0].words
    assert ready.append == [] and ready.close == []
    assert str(room.doc.get("t", type=Text)) == ""


def test_what_jupyterlab_writes_by_itself_when_a_reader_opens_is_not_worth_a_word():
    room = room_with(member("bo", Standing.READING), member("ana"))
    room.receive(BO, encode(m.Update(update_of(greeting))), 0)
    assert room.take().append != []
    reader = Doc()
    reader.apply_update(room.doc.get_update())
    room.receive(ANA, encode(m.Update(update_of(greeting, reader))), 0)
    ready = room.take()
    assert ready.send == [] and ready.append == [] and ready.refused == []


def test_late_bytes_of_one_that_left_are_dropped():
    room = room_with(member())
    room.leave(ANA, 0)
    room.receive(ANA, encode(m.Update(update_of(typing("late")))), 0)
    assert not room.take()


def test_an_edit_inside_the_server_has_its_origin():
    room = room_with(member())
    with room.changes.edit("disk"):
        typing("x")(room.doc)
    typing("y")(room.doc)
    room.receive(ANA, encode(m.Update(update_of(typing("z")))), 0)
    assert room.take().changed == ["disk", "direct", "client"]


def bug(*_args):
    raise ZeroDivisionError("a bug")


def test_a_foreign_observer_that_fails_changes_nothing_of_what_is_stored_and_told():
    room = room_with(member(), member("bo"))
    room.doc.observe(bug)
    room.doc.get("t", type=Text).observe(bug)
    room.receive(ANA, encode(m.Update(update_of(typing("hello")))), 0)
    with room.changes.edit("disk"):
        typing("from disk ")(room.doc)
    ready = room.take()
    assert len(ready.append) == len(ready.broadcast) == 2 and ready.close == [] and ready.failure is None
    assert {type(one) for _, group in ready.faults for one in group.exceptions} == {ZeroDivisionError}
    assert str(room.doc.get("t", type=Text)).startswith("from disk ")


def test_who_edits_inside_the_server_sees_its_own_error_whatever_observers_do():
    room = room_with(member())
    room.doc.observe(bug)
    for error in (KeyError("mine"), ExceptionGroup("mine", [KeyError()])):
        with pytest.raises(type(error), match="mine"), room.changes.edit("disk"):
            typing("x")(room.doc)
            raise error


def test_bytes_that_are_refused_close_their_sender_whatever_observers_do():
    room = room_with(member())
    room.doc.observe(bug)
    good = update_of(typing("hello"))
    for size in range(1, len(good)):
        if ANA not in room.members:
            room.join(ANA, member())
        room.receive(ANA, encode(m.Update(good[:size])), 0)
        assert [type(error) for _, error in room.take().close] == [ProtocolError]


def test_a_room_that_cannot_note_a_change_has_failed_and_logs_the_whole_document_when_asked_to(monkeypatch):
    room = room_with(member(), member("bo"))
    room.receive(ANA, encode(m.Update(update_of(typing("before ")))), 0)
    monkeypatch.setattr(room.changes, "_changed", bug)
    room.receive(ANA, encode(m.Update(update_of(typing("hello")))), 0)
    typing("direct ")(room.doc)
    room.changes.log_whole()
    ready = room.take()
    assert isinstance(ready.failure, ZeroDivisionError) and ready.close == []
    copy = Doc()
    for entry in ready.append:
        copy.apply_update(entry.update)
    assert str(copy.get("t", type=Text)) == str(room.doc.get("t", type=Text))
    assert [entry.seq for entry in ready.append] == sorted({entry.seq for entry in ready.append})


def test_a_message_that_meets_a_defect_of_the_server_closes_its_sender_alone(monkeypatch):
    room = room_with(member(), member("bo"))
    monkeypatch.setattr(room._nesting, "note", bug)
    room.receive(ANA, encode(m.Update(update_of(typing("hello")))), 0)
    ready = room.take()
    assert [(who, error.close_code) for who, error in ready.close] == [(ANA, 1011)]
    assert BO in room.members and ready.failure is None
    assert [type(error) for _, error in ready.faults] == [ZeroDivisionError]


@given(st.binary(max_size=200))
def test_no_bytes_make_the_room_raise_or_close_anyone_else(data):
    room = room_with(member(), member("bo"))
    room.receive(ANA, data, 0)
    assert {who for who, _ in room.take().close} <= {ANA}
    assert BO in room.members


@pytest.mark.parametrize("seed", range(20))
def test_mutated_messages_close_their_sender_at_most(seed):
    rng = random.Random(seed)
    doc = Doc()
    cells = doc.get("cells", type=Text)
    messages = []
    for number in range(20):
        before = doc.get_state()
        cells.insert(rng.randrange(len(cells) + 1), f"word{number}")
        messages += [encode(m.Update(doc.get_update(before))), encode(m.SyncStep1(before))]
    room = room_with(member(), member("bo"))
    for _ in range(300):
        bad = bytearray(rng.choice(messages))
        for _ in range(rng.randrange(1, 4)):
            bad[rng.randrange(len(bad))] = rng.randrange(256)
        if ANA not in room.members:
            room.join(ANA, member())
        room.receive(ANA, bytes(bad), 0)
        ready = room.take()
        assert {who for who, _ in ready.close} <= {ANA}, f"seed {seed}"
    assert BO in room.members


def test_what_lasts_is_told_to_newcomers_for_each_thing_that_it_is_about():
    room = Room(Doc(), new_epoch())
    for code, lasts in (("file failing", True), ("store failing", True), ("conflict", None), ("file fine", False)):
        room.tell(m.Problem(code, code), lasts)
    room.take()
    room.join(ANA, member(ours=True))
    told = [decode(letter.message) for letter in room.take().send]
    assert [one.code for one in told if isinstance(one, m.Problem)] == ["store failing"]


def test_records_that_came_and_went_are_not_kept_in_mind(monkeypatch):
    monkeypatch.setattr(nesting, "SETTLE_FROM", 20)
    room, doc, sizes = room_with(member()), Doc(), []
    for number in range(60):
        write = [
            lambda doc, number=number: doc.get("records", type=Map).update({f"{number}": Map({"a": 1, "b": 2})}),
            lambda doc, number=number: doc.get("records", type=Map).pop(f"{number}"),
        ]
        for change in write:
            room.receive(ANA, encode(m.Update(update_of(change, doc))), 0)
        sizes.append(room._nesting.size)
    assert not room.take().close
    assert max(sizes) < 30


def test_a_chain_of_types_does_not_hide_behind_what_waits_for_something_that_never_comes():
    def array(at, kind, place):
        ids = b"".join(map(encode_number, (*place, 0)))
        return b"\x01\x01" + b"".join(map(encode_number, at)) + kind + ids + b"\x00"

    room = room_with(member())
    made = [b"\x01\x01\x07\x00\x07\x01\x01x\x00\x00", array((100, 5), b"\x87", (99, 0))]
    for clock in range(1, 401, 2):
        made.append(array((7, clock), b"\x87", (100, 5)))
        made.append(array((7, clock + 1), b"\x87", (7, clock)))
        made.append(array((7, clock), b"\x07\x00", (7, clock - 1)))
    for update in made:
        room.receive(ANA, encode(m.Update(update)), 0)
    ((who, error),) = room.take().close
    assert who == ANA and isinstance(error, ProtocolError)
