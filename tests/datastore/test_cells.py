"""Rules of jupyter_rtc.datastore.cells."""

import copy

import pytest

from jupyter_rtc.datastore.cells import aligned, digest_notebook, in_place, plain_cell


def code(source="x", **more):
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None, **more}


def notebook(*cells, minor=5, **metadata):
    return {"nbformat": 4, "nbformat_minor": minor, "metadata": metadata, "cells": list(cells)}


ONE = notebook(code("a\nb", id="i", outputs=[{"output_type": "stream", "name": "stdout", "text": "1\n2"}]))


@pytest.mark.parametrize(
    "same",
    [
        lambda n: n["cells"][0].update(source=["a\n", "b"]),
        lambda n: n["cells"][0]["outputs"][0].update(text=["1\n", "2"]),
        lambda n: n["cells"][0]["metadata"].update(trusted=True),
        lambda n: n["cells"][0].update(execution_state="running"),
        lambda n: n["cells"][0].pop("execution_count"),
        lambda n: n["metadata"].update(language_info={"name": ""}),
        lambda n: n["metadata"].update(kernelspec={"name": "", "display_name": ""}),
    ],
)
def test_spellings_of_one_meaning_have_one_digest(same):
    other = copy.deepcopy(ONE)
    same(other)
    assert digest_notebook(other) == digest_notebook(ONE)


@pytest.mark.parametrize(
    "other",
    [
        lambda n: n["cells"][0].update(source="a\nc"),
        lambda n: n["cells"][0].update(id="j"),
        lambda n: n["cells"][0].update(execution_count=1),
        lambda n: n["cells"][0]["metadata"].update(tags=["x"]),
        lambda n: n["cells"][0].update(unknown_field=1),
        lambda n: n["metadata"].update(kernelspec={"name": "python3"}),
        lambda n: n.update(nbformat_minor=4),
        lambda n: n["cells"].append(code(id="k")),
    ],
)
def test_whatever_means_something_else_has_another_digest(other):
    changed = copy.deepcopy(ONE)
    other(changed)
    assert digest_notebook(changed) != digest_notebook(ONE)


def test_an_id_means_nothing_where_the_format_has_none():
    assert digest_notebook(notebook(code(id="a"), code("y"), minor=4)) == digest_notebook(
        notebook(code(), code("y"), minor=4)
    )


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


def test_a_plain_cell_has_nothing_that_only_frontends_know():
    shown = {
        "id": "a",
        "cell_type": "markdown",
        "source": "",
        "metadata": {},
        "attachments": {},
        "execution_state": "idle",
    }
    assert plain_cell(shown, set(), with_ids=False) == {"cell_type": "markdown", "source": "", "metadata": {}}
