"""Rules of jupyter_rtc.relay.sign."""

import json

import pytest

from jupyter_rtc.ids import ParticipantId
from jupyter_rtc.protocol.messages import Presence
from jupyter_rtc.relay.sign import RENEW, Sign

ANA, BO = ParticipantId(1), ParticipantId(2)


def writing_at(place):
    return [json.dumps({"user": {"name": "Ana"}, "cursors": [{"anchor": None, "head": place}]})]


def up():
    sign = Sign()
    sign.put_up("Not saved", "a.txt is not saved.")
    return sign


def test_each_is_shown_the_words_where_they_write_themselves():
    sign = up()
    for who, place in ((ANA, {"item": 1}), (BO, {"item": 2})):
        shown = json.loads(sign.news(who, writing_at(place), 0).state)
        assert shown["cursors"][0]["head"] == place
        assert (shown["user"]["display_name"], shown["user"]["name"]) == ("Not saved", "a.txt is not saved.")


def test_it_is_renewed_where_the_person_is_then_before_yjs_forgets_it():
    sign = up()
    first = sign.news(ANA, writing_at("here"), 0)
    assert sign.news(ANA, writing_at("there"), RENEW - 1) is None
    second = sign.news(ANA, writing_at("there"), RENEW)
    assert second.client == first.client and second.clock > first.clock
    assert '"head":"there"' in second.state


def test_it_is_taken_away_from_those_who_were_shown_it_once():
    sign = up()
    sign.news(ANA, writing_at("here"), 0)
    sign.take_down()
    assert not sign.is_idle
    assert sign.news(BO, writing_at("here"), 1) is None
    assert sign.news(ANA, writing_at("here"), 1).state is None
    assert sign.news(ANA, writing_at("here"), 2) is None
    assert sign.is_idle


def test_other_words_are_shown_at_once():
    sign = up()
    sign.news(ANA, writing_at("here"), 0)
    sign.take_down()
    sign.put_up("Deleted", "a.txt was deleted.")
    assert '"Deleted"' in sign.news(ANA, writing_at("here"), 1).state


def test_who_left_and_came_back_is_shown_it_again():
    sign = up()
    sign.news(ANA, writing_at("here"), 0)
    sign.forget(ANA)
    assert sign.news(ANA, writing_at("here"), 1) is not None


@pytest.mark.parametrize(
    "state", ["null", "[]", "{}", '{"cursors":1}', '{"cursors":[]}', '{"cursors":[1]}', '{"cursors":[{"head":null}]}']
)
def test_who_has_no_cursor_is_shown_nothing(state):
    assert up().news(ANA, [state], 0) is None


def test_what_others_say_of_it_counts_for_nothing():
    sign = up()
    shown = sign.news(ANA, writing_at("here"), 0)
    other = Presence(7, 1, "{}")
    assert sign.without([shown, other]) == [other]
