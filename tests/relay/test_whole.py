"""The whole of a large document is encoded once for a crowd."""

from jupyter_rtc.relay.whole import KEPT, LARGE, Whole


class Encoder:
    def __init__(self, size):
        self.size = size
        self.calls = 0

    def __call__(self):
        self.calls += 1
        return bytes([self.calls]) * self.size


def test_a_crowd_is_answered_from_one_encoding():
    whole, encode = Whole(), Encoder(LARGE)
    assert {whole.at(7, encode) for _ in range(50)} == {b"\1" * LARGE}
    assert encode.calls == 1


def test_a_change_makes_it_worthless():
    whole, encode = Whole(), Encoder(LARGE)
    assert whole.at(7, encode) != whole.at(8, encode)
    assert whole.at(7, encode)[:1] == b"\3"


def test_little_is_not_kept():
    whole, encode = Whole(), Encoder(LARGE - 1)
    assert whole.at(7, encode) != whole.at(7, encode)
    assert not whole.forget(0.0)


def test_it_is_forgotten_after_a_while():
    whole, encode = Whole(), Encoder(LARGE)
    whole.at(7, encode)
    assert not whole.forget(100.0)
    assert not whole.forget(100.0 + KEPT - 0.1)
    assert whole.forget(100.0 + KEPT), "it is said that its memory is free"
    assert not whole.forget(200.0)
    whole.at(7, encode)
    assert encode.calls == 2
