"""What a document was filled with."""

from pycrdt import Doc, Text

from jupyter_rtc.relay.seed import KEPT, LARGE, Seed


def pieces(count, size):
    doc, updates = Doc(), []
    doc.observe(lambda event: updates.append(event.update))
    text = doc.get("text", type=Text)
    for _ in range(count):
        text += "x" * size
    return doc, updates


def filled(count, size, keep=True):
    doc, updates = pieces(count, size)
    seed = Seed()
    for update in updates:
        seed.add(update)
    logged = seed.to_log()
    seed.fill(doc.get_state(), keep=keep)
    return seed, updates, logged


def test_little_is_logged_as_one_and_not_kept():
    seed, updates, (one,) = filled(5, 10)
    doc = Doc()
    doc.apply_update(one)
    assert str(doc.get("text", type=Text)) == "x" * 50
    assert seed.take() == [] and not seed.forget(0.0)


def test_much_is_logged_as_it_came_and_kept_for_the_first_who_opens_it():
    seed, updates, logged = filled(4, LARGE // 3)
    assert logged == updates
    assert seed.take() == updates
    assert seed.take() == []
    assert seed.forget(0.0), "it is said once that its memory is free"
    assert not seed.forget(0.0)


def test_what_nobody_asks_for_is_kept_for_a_moment_only():
    seed, _, _ = filled(4, LARGE // 3)
    assert not seed.forget(10.0)
    assert not seed.forget(10.0 + KEPT / 2)
    assert seed.forget(10.0 + KEPT)
    assert seed.take() == []


def test_of_a_document_with_a_past_nothing_is_kept():
    seed, _, _ = filled(4, LARGE // 3, keep=False)
    assert seed.take() == []


def test_little_is_logged_as_it_came_where_a_mark_may_lie_between():
    _, updates = pieces(3, 10)
    seed = Seed()
    for update in updates:
        seed.add(update)
    assert seed.to_log(as_one=False) == updates


def test_nothing_is_logged_of_a_document_that_was_filled_with_nothing():
    assert Seed().to_log() == []
