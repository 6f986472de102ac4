"""Rules of jupyter_rtc.datastore.joining; see also test_merge, where documents are joined."""

import pytest

from jupyter_rtc.datastore.joining import join_maps, join_notebooks

OUT = {"output_type": "stream", "name": "stdout", "text": "out\n"}


def code(source="x", cell_id="a", **more):
    return {
        "id": cell_id, "cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None,
        **more,
    }  # fmt: skip


def notebook(*cells, minor=5, **metadata):
    return {"nbformat": 4, "nbformat_minor": minor, "metadata": metadata, "cells": list(cells)}


@pytest.mark.parametrize(
    ("base", "live", "disk", "expected", "clash"),
    [
        ({}, {}, {"a": 1}, {"a": 1}, False),
        ({"a": 1}, {"a": 1}, {}, {}, False),
        ({"a": 1}, {}, {"a": 1}, {}, False),
        ({"a": 1}, {"a": 2}, {"a": 2}, {"a": 2}, False),
        ({"a": 1}, {"a": 2}, {"a": 3}, {"a": 2}, True),
        ({"a": 1}, {}, {"a": 3}, {}, True),
        ({"a": 1}, {"a": 2}, {}, {"a": 2}, True),
        ({"a": {"x": 1}}, {"a": {"x": 1, "y": 2}}, {"a": {"z": 3}}, {"a": {"y": 2, "z": 3}}, False),
        ({}, {"a": {"x": 1}}, {"a": {"y": 2}}, {"a": {"x": 1, "y": 2}}, False),
        ({"a": 1}, {"a": 1.0}, {"a": 2}, {"a": 2}, False),
        ({"a": 0}, {"a": 0}, {"a": False}, {"a": False}, False),
    ],
)
def test_maps_are_joined_key_by_key(base, live, disk, expected, clash):
    found, clashes = join_maps(base, live, disk)
    assert (found, clashes) == (expected, clash)
    assert [type(value) for value in found.values()] == [type(value) for value in expected.values()]


def test_outputs_that_the_disk_brings_are_trusted_only_if_the_notary_says_so():
    base = notebook(code(metadata={"trusted": True}))
    disk = notebook(code(outputs=[OUT], metadata={"trusted": False}))
    (cell,) = join_notebooks(base, base, disk)[0]["cells"]
    assert cell["outputs"] == [OUT] and cell["metadata"]["trusted"] is False


def test_what_the_notary_says_of_outputs_that_did_not_change_counts_for_nothing():
    base = notebook(code(metadata={"trusted": True}))
    disk = notebook(code("y", metadata={"trusted": False}))
    (cell,) = join_notebooks(base, base, disk)[0]["cells"]
    assert cell["source"] == "y" and cell["metadata"]["trusted"] is True


def test_outputs_that_both_made_are_the_person_s_and_a_conflict():
    joined, conflicts = join_notebooks(
        notebook(code()), notebook(code(outputs=[OUT])), notebook(code(outputs=[{**OUT, "text": "disk"}]))
    )
    assert joined["cells"][0]["outputs"] == [OUT] and conflicts == ("a",)


def test_a_cell_that_the_disk_made_markdown_has_no_outputs():
    markdown = {"id": "a", "cell_type": "markdown", "source": "x", "metadata": {}}
    joined, _ = join_notebooks(notebook(code()), notebook(code("x typed", outputs=[OUT])), notebook(markdown))
    assert joined["cells"] == [{**markdown, "source": "x typed"}]


def test_the_format_that_the_disk_has_now_is_taken():
    joined, _ = join_notebooks(notebook(code(), minor=4), notebook(code("y"), minor=4), notebook(code(), minor=5))
    assert joined["nbformat_minor"] == 5 and joined["cells"][0]["source"] == "y"


def test_metadata_that_both_changed_is_the_person_s_and_a_conflict():
    joined, conflicts = join_notebooks(notebook(k=1), notebook(k=2), notebook(k=3))
    assert joined["metadata"] == {"k": 2} and conflicts == ("metadata",)


def test_a_new_cell_stands_after_the_cell_that_it_follows_on_disk():
    base = notebook(code("1", "1"), code("2", "2"))
    live = notebook(code("0", "0"), code("1", "1"), code("2", "2"), code("3", "3"))
    disk = notebook(code("1", "1"), code("n", "n"), code("2", "2"))
    joined, _ = join_notebooks(base, live, disk)
    assert [cell["id"] for cell in joined["cells"]] == ["0", "1", "n", "2", "3"]


def test_a_cell_that_both_moved_is_where_the_disk_has_it():
    cells = {name: code(name, name) for name in "abcd"}
    orders = ("abcd", "dabc", "adbc")
    joined, _ = join_notebooks(*(notebook(*(cells[name] for name in order)) for order in orders))
    assert [cell["id"] for cell in joined["cells"]] == list("adbc")


def test_moves_of_different_cells_are_both_made():
    cells = {name: code(name, name) for name in "abcd"}
    orders = ("abcd", "bcda", "bacd")
    joined, _ = join_notebooks(*(notebook(*(cells[name] for name in order)) for order in orders))
    assert [cell["id"] for cell in joined["cells"]] == list("bcda")


def test_the_same_new_cell_without_id_on_both_sides_is_there_once():
    def nameless(*texts):
        return [{key: value for key, value in code(text).items() if key != "id"} for text in texts]

    base, live = notebook(code("one", "1"), minor=4), notebook(code("one", "1"), code("two", "uuid"), minor=4)
    joined, _ = join_notebooks(base, live, notebook(*nameless("one", "two"), minor=4))
    assert [cell["id"] for cell in joined["cells"]] == ["1", "uuid"]
