"""Rules of jupyter_rtc.protocol.runs: what holds of ids, noted by run."""

import random

from jupyter_rtc.protocol.runs import Runs


def test_consecutive_ids_of_which_the_same_holds_take_the_space_of_one():
    runs = Runs([(7, 2, 3, "a"), (7, 0, 2, "a"), (7, 3, 4, "b"), (7, 5, 6, "b"), (8, 6, 7, "b")])
    assert list(runs) == [(7, 0, 3, "a"), (7, 3, 4, "b"), (7, 5, 6, "b"), (8, 6, 7, "b")]
    assert len(runs) == 4


def test_of_each_id_it_is_known_what_was_noted():
    ids = [(client, clock) for client in (3, 2**40) for clock in range(60)]
    noted = {one: random.Random(1).choice(["a", None]) for one in random.Random(2).sample(ids, 70)}
    runs = Runs((client, clock, clock + 1, value) for (client, clock), value in noted.items())
    for one in [*ids, (4, 0)]:
        assert (one in runs) == (one in noted)
        assert runs.get(one) == noted.get(one)


def test_nothing_is_known_where_nothing_was_noted():
    assert not Runs() and (1, 0) not in Runs() and Runs().get((1, 0)) is None
