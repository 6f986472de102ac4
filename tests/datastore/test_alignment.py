"""Rules of jupyter_rtc.datastore.alignment."""

from itertools import combinations
from time import process_time

from hypothesis import given
from hypothesis import strategies as st

from jupyter_rtc.datastore.alignment import aligned, in_place


def code(source="x", **more):
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None, **more}


def test_new_cells_get_the_ids_of_the_old_ones_that_they_continue():
    old = [code("one", id="1"), code("two", id="2"), code("three", id="3")]
    new = aligned(old, [code("zero"), code("one"), code("two changed"), code("three")])
    assert [cell["id"] for cell in new[1:]] == ["1", "2", "3"] and new[0]["id"] not in {"1", "2", "3"}


def test_every_aligned_cell_has_an_id_of_its_own():
    new = aligned([code(id="a")], [code(id="a"), code(id="a"), code()])
    assert len({cell["id"] for cell in new}) == 3


def test_the_most_cells_possible_stay_in_place():
    old = [code(str(i), id=str(i)) for i in range(6)]
    assert in_place(old, [old[i] for i in (5, 0, 1, 2, 3, 4)]) == {"0", "1", "2", "3", "4"}


def test_a_cell_of_another_type_does_not_stay():
    assert in_place([code(id="a")], [{**code(id="a"), "cell_type": "markdown"}]) == set()


def test_cells_that_a_program_gave_new_ids_are_known_by_their_content():
    old = [code("import os", id="1"), code("value = compute(1, 2)", id="2"), code("show", id="3")]
    new = aligned(old, [code("import os", id="x"), code("value = compute(1, 3)", id="y"), code("other", id="z")])
    assert [cell["id"] for cell in new] == ["1", "2", "z"]


def test_a_cell_with_an_id_of_its_own_is_never_known_by_its_place_alone():
    new = aligned([code("a", id="1"), code("b", id="2")], [code("a", id="1"), code("something else", id="n")])
    assert [cell["id"] for cell in new] == ["1", "n"]


def test_a_cell_without_id_that_moved_is_known_by_its_text():
    old = [code(word, id=word) for word in ("one", "two", "three", "four")]
    new = aligned(old, [code(word) for word in ("four", "one", "two", "three")])
    assert [cell["id"] for cell in new] == ["four", "one", "two", "three"]


def test_of_cells_without_ids_that_were_all_edited_the_most_alike_correspond():
    old = [code("load the data from a file", id="1"), code("plot all of the curves", id="2")]
    new = aligned(old, [code("new"), code("load the data from two files"), code("plot most of the curves")])
    assert [cell["id"] for cell in new[1:]] == ["1", "2"]


def test_a_cell_of_another_type_is_another_cell():
    (new,) = aligned([code("text", id="1")], [{"cell_type": "markdown", "source": "text", "metadata": {}}])
    assert new["id"] != "1"


def test_cells_get_the_same_new_ids_each_time():
    assert aligned([], [code("a"), code("a")]) == aligned([], [code("a"), code("a")])


@given(st.lists(st.sampled_from("abc")), st.lists(st.sampled_from("abcd")), st.booleans())
def test_whatever_changed_every_cell_keeps_its_content_and_has_its_own_id(old, new, named):
    before = [code(text, id=f"o{index}") for index, text in enumerate(old)]
    after = [code(text, id=f"n{index}") if named else code(text) for index, text in enumerate(new)]
    found = aligned(before, after)
    assert [cell["source"] for cell in found] == new
    assert len({cell["id"] for cell in found}) == len(new)


@given(st.lists(st.sampled_from("abcdef"), unique=True), st.permutations("abcdef"))
def test_what_stays_keeps_its_order_and_nothing_more_could_stay(old, new):
    staying = in_place([code(id=name) for name in old], [code(id=name) for name in new])
    assert [name for name in old if name in staying] == [name for name in new if name in staying]
    places = [old.index(name) for name in new if name in old]
    longest = max(len(c) for n in range(len(places) + 1) for c in combinations(places, n) if list(c) == sorted(c))
    assert len(staying) == longest


def test_an_id_that_is_there_twice_stays_nowhere():
    assert in_place([code(id="a"), code(id="a"), 5, code(id="b")], [code(id="a"), code(id="b")]) == {"b"}


def test_two_thousand_cells_without_ids_are_aligned_in_less_than_a_second():
    old = [code(f"cell {index % 50} of many", id=str(index)) for index in range(2000)]
    start = process_time()
    found = aligned(old, [code(f"cell {index % 50} of many!") for index in range(2000)])
    assert process_time() - start < 1
    assert [cell["id"] for cell in found] == [cell["id"] for cell in old]
