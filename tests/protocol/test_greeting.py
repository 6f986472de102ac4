"""Rules of jupyter_rtc.protocol.greeting, shown with bytes that JupyterLab's Yjs wrote and with bytes of pycrdt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycrdt import Doc, Map, Text

from jupyter_rtc.protocol import messages as m
from jupyter_rtc.protocol.greeting import is_greeting

ROOM = "text:file:8ec5f154-6550-49bc-94dd-0233ade75be1"
NAME = ROOM.encode().hex()
OF_THE_FIRST = f"0101f987f593080028010573746174650b646f63756d656e745f696401772e{NAME}00"
OF_THE_SECOND = f"010197f9d2b90a00a8dae4819f040001772e{NAME}01dae4819f04010001"
TYPED = "0102f987f593080184d2ec88c9d6cb970d040121a8d2ec88c9d6cb970d07017801d2ec88c9d6cb970d010701"
NOTHING = "0000"
ONLY_DELETED = "000101010001"


def with_greeting(room=ROOM):
    doc = Doc()
    doc.get("state", type=Map)["document_id"] = room
    return doc


@pytest.mark.parametrize("update", [NOTHING, OF_THE_FIRST, OF_THE_SECOND])
@pytest.mark.parametrize("kind", [m.Update, m.SyncStep2])
def test_what_jupyterlab_writes_by_itself_is_a_greeting_also_where_the_key_had_a_value(kind, update):
    assert is_greeting(kind(bytes.fromhex(update)), ROOM)


@pytest.mark.parametrize("kind", [m.Update, m.SyncStep2])
def test_what_a_person_types_is_none(kind):
    assert not is_greeting(kind(bytes.fromhex(TYPED)), ROOM)


def test_what_a_person_typed_together_with_a_greeting_is_none():
    doc = with_greeting()
    doc.get("source", type=Text).insert(0, "typed while away")
    assert not is_greeting(m.SyncStep2(doc.get_update()), ROOM)


def test_to_delete_is_none_but_to_know_of_deletes_is_one():
    assert not is_greeting(m.Update(bytes.fromhex(ONLY_DELETED)), ROOM)
    assert is_greeting(m.SyncStep2(bytes.fromhex(ONLY_DELETED)), ROOM)


def test_a_greeting_that_somebody_else_s_has_replaced_is_one_still():
    doc = with_greeting("an older name")
    doc.get("state", type=Map)["document_id"] = ROOM
    assert is_greeting(m.SyncStep2(doc.get_update()), ROOM)


def test_the_name_of_another_room_is_none():
    assert not is_greeting(m.Update(with_greeting("text:file:other").get_update()), ROOM)
    assert not is_greeting(m.Update(with_greeting("").get_update()), ROOM)


@given(st.binary(max_size=200))
def test_any_bytes_have_an_answer(update):
    assert is_greeting(m.Update(update), ROOM) in (True, False)


@given(st.integers(0, 60), st.sampled_from([OF_THE_FIRST, OF_THE_SECOND]))
def test_a_greeting_that_ends_early_is_none(length, whole):
    assert not is_greeting(m.Update(bytes.fromhex(whole)[:length]), ROOM)
