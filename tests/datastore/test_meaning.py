"""Rules of jupyter_rtc.datastore.meaning."""

import copy

import pytest

from jupyter_rtc.datastore.meaning import digest_notebook, plain_cells
from jupyter_rtc.datastore.values import kept


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


def test_a_plain_cell_has_nothing_that_only_frontends_know():
    shown = {
        "id": "a",
        "cell_type": "markdown",
        "source": "",
        "metadata": {},
        "attachments": {},
        "execution_state": "idle",
    }
    assert plain_cells([shown]) == [{"id": "a", "cell_type": "markdown", "source": "", "metadata": {}}]


@pytest.mark.parametrize("key", ["orig_nbformat", "orig_nbformat_minor", "signature"])
def test_what_nbformat_takes_off_when_it_writes_means_nothing(key):
    assert digest_notebook(notebook(code(id="a"), **{key: "x"})) == digest_notebook(notebook(code(id="a")))


def test_json_that_is_a_list_is_not_a_text_in_lines():
    def shown(mime, content):
        output = {"output_type": "display_data", "metadata": {}, "data": {mime: content}}
        return digest_notebook(notebook(code(id="a", outputs=[output])))

    assert shown("text/plain", ["a", "b"]) == shown("text/plain", "ab")
    assert shown("application/json", ["a", "b"]) != shown("application/json", "ab")


def test_attachments_in_lines_mean_the_same():
    def attached(content):
        cell = {"id": "a", "cell_type": "markdown", "source": "", "metadata": {}}
        return digest_notebook(notebook({**cell, "attachments": {"a.svg": {"image/svg+xml": content}}}))

    assert attached(["<svg>\n", "</svg>"]) == attached("<svg>\n</svg>")


@pytest.mark.parametrize("number", [1.0, 2.0**60, 1e300, float("nan"), 2**70])
def test_a_number_means_what_a_document_keeps_of_it(number):
    assert digest_notebook(notebook(code(), value=number)) == digest_notebook(notebook(code(), value=kept(number)))


def test_a_cell_that_two_people_moved_at_once_is_there_once():
    assert len(plain_cells([code(id="a"), code("y", id="b"), code(id="a")])) == 2


def test_two_cells_of_one_id_are_both_there_and_the_second_has_another_valid_id():
    long = "x" * 64
    ids = [cell["id"] for cell in plain_cells([code("1", id=long), code("2", id=long), code("3", id=long)])]
    assert len(set(ids)) == 3 and ids[0] == long and all(len(one) <= 64 for one in ids)


def test_a_cell_without_an_id_has_the_same_one_at_each_reading():
    held = [code("1"), code("1"), code("2", id=None)]
    assert plain_cells(held) == plain_cells(held)
    assert len({cell["id"] for cell in plain_cells(held)}) == 3


@pytest.mark.parametrize("rubbish", [5, "text", None, ["list"]])
def test_what_is_no_cell_is_not_read(rubbish):
    assert plain_cells([rubbish, code(id="a")]) == [code(id="a")]


def test_a_cell_with_rubbish_in_it_is_read_as_a_cell_that_can_be_saved():
    (cell,) = plain_cells([{"id": "a", "cell_type": "code", "metadata": 5, "outputs": {"a": 1}}])
    assert cell == {
        "id": "a", "cell_type": "code", "source": "", "metadata": {}, "outputs": [], "execution_count": None,
    }  # fmt: skip
    assert plain_cells([{}])[0]["cell_type"] == "raw"
