"""Rules of jupyter_rtc.datastore.alignment."""

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
