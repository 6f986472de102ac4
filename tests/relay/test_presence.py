"""Rules of jupyter_rtc.relay.presence."""

import json

from jupyter_rtc.ids import ParticipantId
from jupyter_rtc.protocol.messages import Presence
from jupyter_rtc.relay.presence import (
    DEPARTURE_GRACE,
    MAX_CLIENTS_PER_PARTICIPANT,
    SILENCE,
    Identity,
    PresenceTable,
)

ANA, BO, TAB = ParticipantId(1), ParticipantId(2), ParticipantId(3)
ana = Identity({"username": "ana", "name": "Ana"})
bo = Identity({"username": "bo", "name": "Bo"})


def says(client, clock, **state):
    return [Presence(client, clock, json.dumps(state))]


def users(table):
    return [json.loads(one.state)["user"]["username"] for one in table.everyone()]


def test_a_forged_user_is_replaced_by_the_server_s_identity():
    table = PresenceTable()
    [news] = table.hear(ANA, ana, says(11, 1, user={"username": "root", "name": "Bo", "color": "red"}), 0)
    assert json.loads(news.state)["user"] == {"username": "ana", "name": "Ana", "color": "red"}


def test_a_field_that_people_may_choose_themselves_is_taken_from_the_client():
    table = PresenceTable()
    choosy = Identity({"username": "ana", "name": "Ana"}, frozenset({"name"}))
    [news] = table.hear(ANA, choosy, says(11, 1, user={"username": "x", "name": "Annie"}), 0)
    assert json.loads(news.state)["user"] == {"username": "ana", "name": "Annie"}


def test_nobody_speaks_for_a_client_that_belongs_to_another_connection():
    table = PresenceTable()
    table.hear(ANA, ana, says(11, 1, a=1), 0)
    table.hear(BO, bo, says(22, 1, b=1), 0)
    assert table.hear(BO, bo, says(11, 9, forged=True), 0) == []
    assert table.hear(BO, bo, [Presence(11, 9, None)], 0) == []
    assert sorted(users(table)) == ["ana", "bo"]


def test_only_news_is_told():
    table = PresenceTable()
    assert table.hear(ANA, ana, says(11, 5, a=1), 0)
    assert table.hear(ANA, ana, says(11, 5, a=1), 0) == []
    assert table.hear(ANA, ana, says(11, 4, a=0), 0) == []
    assert table.hear(ANA, ana, says(11, 6, a=2), 0)


def test_a_departure_at_the_same_clock_is_believed():
    table = PresenceTable()
    table.hear(ANA, ana, says(11, 5, a=1), 0)
    assert table.hear(ANA, ana, [Presence(11, 5, None)], 0) == [Presence(11, 5, None)]
    assert table.everyone() == []


def test_a_lost_connection_is_announced_after_a_grace():
    table = PresenceTable()
    table.hear(ANA, ana, says(11, 5, a=1), 0)
    table.leave(ANA, 10)
    assert table.tick(10 + DEPARTURE_GRACE / 2) == []
    assert table.tick(10 + DEPARTURE_GRACE) == [Presence(11, 5, None)]
    assert table.tick(100) == []


def test_one_that_comes_back_within_the_grace_never_left():
    table = PresenceTable()
    table.hear(ANA, ana, says(11, 5, a=1), 0)
    table.leave(ANA, 10)
    table.hear(TAB, ana, says(11, 5, a=1), 11)
    assert table.tick(20) == []
    assert users(table) == ["ana"]


def test_an_echo_by_another_does_not_bring_back_one_that_left():
    table = PresenceTable()
    table.hear(ANA, ana, says(11, 5, a=1), 0)
    table.hear(BO, bo, says(22, 1, b=1), 0)
    table.leave(ANA, 1)
    assert table.hear(BO, bo, says(11, 5, a=1), 2) == []
    assert table.tick(10) == [Presence(11, 5, None)]


def test_a_person_s_new_connection_takes_over_from_the_half_open_old_one():
    table = PresenceTable()
    table.hear(ANA, ana, says(11, 5, a=1), 0)
    assert table.hear(TAB, ana, says(11, 6, a=2), 5)
    table.leave(ANA, 6)
    assert table.tick(20) == []


def test_a_silent_client_is_a_ghost_and_goes():
    table = PresenceTable()
    table.hear(ANA, ana, says(11, 5, a=1), 0)
    assert table.tick(SILENCE - 1) == []
    assert table.tick(SILENCE) == [Presence(11, 5, None)]


def test_one_connection_cannot_fill_the_table():
    table = PresenceTable()
    for client in range(1000):
        table.hear(ANA, ana, says(client, 1, a=1), 0)
    assert len(table.everyone()) == MAX_CLIENTS_PER_PARTICIPANT


def test_those_who_left_are_forgotten():
    table = PresenceTable()
    for number in range(100):
        table.hear(ParticipantId(number), ana, says(number, 1, a=1), 0)
        table.leave(ParticipantId(number), 0)
    table.tick(10)
    table.tick(10 + 3 * SILENCE)
    assert table._clients == {}


def test_the_version_grows_when_somebody_comes_goes_or_has_another_connection_and_only_then():
    table = PresenceTable()
    seen = [table.version]

    def grew():
        seen.append(table.version)
        return seen[-1] > seen[-2]

    table.hear(ANA, ana, says(11, 1, a=1), 0)
    assert grew() and table.present() == {ANA: [11]}
    table.hear(ANA, ana, says(11, 2, a=2), 1)
    assert not grew()
    table.leave(ANA, 2)
    table.hear(TAB, ana, says(11, 3, a=3), 2)
    assert grew() and table.present() == {TAB: [11]}
    table.hear(TAB, ana, [Presence(11, 4, None)], 3)
    assert grew() and table.present() == {}
    table.hear(TAB, ana, says(11, 5, a=1), 4)
    assert grew()
    table.tick(4 + SILENCE)
    assert grew() and table.present() == {}
