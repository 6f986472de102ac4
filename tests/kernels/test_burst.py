"""Requests that come in the same moment."""

from hypothesis import given
from hypothesis import strategies as st

from jupyter_rtc.kernels.burst import BLINK, REMEMBERED, WINDOW, WINDOW_MAX, Asked, Bursts, window

ANA = Asked("ana", "json:notebook:x", "k")


@given(st.permutations([0.0, 1.0, 1.0, 30.0, 49.0]))
def test_what_was_made_in_one_moment_is_one_burst_in_whichever_order_it_comes(made):
    bursts = Bursts()
    joined = [bursts.join(ANA, at, 0.0)[0].id for at in made]
    assert len(set(joined)) == 1


def test_what_was_made_later_is_another():
    bursts = Bursts()
    one, first = bursts.join(ANA, 1000.0, 0.0)
    other, second = bursts.join(ANA, 1000.0 + BLINK + 1, 0.0)
    late, third = bursts.join(ANA, 999.0, 0.5)
    assert (first, second, third) == (True, True, False)
    assert one.id != other.id and late.id == one.id


def test_what_somebody_else_asks_or_for_something_else_is_another():
    bursts = Bursts()
    others = [Asked("bo", ANA.room, "k"), Asked("ana", "json:notebook:y", "k"), Asked("ana", ANA.room, "l")]
    assert len({bursts.join(asked, 5.0, 0.0)[0].id for asked in [ANA, *others]}) == 4


def test_a_burst_is_forgotten_in_the_end():
    bursts = Bursts()
    bursts.join(ANA, 5.0, 0.0)
    assert bursts.join(ANA, 5.0, 2 * REMEMBERED)[1]


def test_a_burst_is_known_as_long_as_something_of_it_comes():
    bursts = Bursts()
    joined = [bursts.join(ANA, 5.0, now)[0].id for now in (0.0, REMEMBERED - 1, 2 * REMEMBERED - 3)]
    assert len(set(joined)) == 1


def test_the_first_waits_longer_for_the_others_where_the_way_is_long_but_not_for_ever():
    assert window(0.001) == WINDOW
    assert WINDOW < window(0.1) < WINDOW_MAX
    assert window(9.0) == WINDOW_MAX
