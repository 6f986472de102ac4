"""Rules of jupyter_rtc.relay.names."""

import json

from pycrdt import Doc, Text

from jupyter_rtc.ids import ParticipantId
from jupyter_rtc.protocol.messages import Presence
from jupyter_rtc.relay.names import MAX_NAMES, Names

ANA, BO, EVE = ParticipantId(1), ParticipantId(2), ParticipantId(3)


def says(client, username=None):
    user = {} if username is None else {"user": {"username": username, "name": "x"}}
    return (Presence(client, 1, json.dumps(user)),)


def test_an_id_belongs_to_the_connection_that_says_its_own_user_s_name_with_it():
    names = Names()
    names.hear(ANA, "ana", says(7, "ana"), only_itself=False)
    assert names.owners(7) == {ANA}


def test_who_passes_on_what_others_say_or_says_no_name_owns_nothing():
    names = Names()
    names.hear(ANA, "ana", says(7, "bo"), only_itself=False)
    names.hear(ANA, "ana", says(7), only_itself=False)
    names.hear(ANA, "ana", (Presence(7, 1, None), Presence(8, 1, '{"user": 5}')), only_itself=False)
    names.hear(ANA, "", says(7, ""), only_itself=False)
    assert names.owners(7) == names.owners(8) == set()


def test_who_speaks_our_own_messages_speaks_only_for_itself_whatever_it_says():
    names = Names()
    names.hear(ANA, "ana", says(7), only_itself=True)
    assert names.owners(7) == {ANA}


def test_the_first_user_keeps_an_id_as_long_as_it_is_here():
    names = Names()
    names.hear(ANA, "ana", says(7, "ana"), only_itself=False)
    names.hear(EVE, "eve", says(7, "eve"), only_itself=False)
    names.hear(BO, "ana", says(7, "ana"), only_itself=False)
    assert names.owners(7) == {ANA, BO}
    names.leave(ANA)
    names.leave(ANA)
    assert names.owners(7) == {BO}
    names.leave(BO)
    names.hear(EVE, "eve", says(7, "eve"), only_itself=False)
    assert names.owners(7) == {EVE}


def test_one_connection_owns_a_bounded_number_of_ids():
    names = Names()
    for client in range(MAX_NAMES + 10):
        names.hear(ANA, "ana", says(client, "ana"), only_itself=False)
    assert sum(bool(names.owners(client)) for client in range(MAX_NAMES + 10)) == MAX_NAMES


def test_the_foreign_names_in_an_update_are_found():
    names = Names()
    names.hear(ANA, "ana", says(70_000, "ana"), only_itself=False)
    names.hear(BO, "bo", says(7, "bo"), only_itself=False)
    first, second = Doc(client_id=70_000), Doc(client_id=7)
    first.get("t", type=Text).insert(0, "ana's")
    assert names.foreign(first.get_update(), "eve") == names.foreign(first.get_update(), "bo") == [70_000]
    assert names.foreign(first.get_update(), "ana") == []
    second.apply_update(first.get_update())
    second.get("t", type=Text).insert(0, "bo's")
    assert sorted(names.foreign(second.get_update(), "eve")) == [7, 70_000]
    assert names.foreign(second.get_update(), "ana") == [7]
    assert names.foreign(second.get_update(first.get_state()), "ana") == [7]
    assert names.foreign(b"\x00\x00", "ana") == []
