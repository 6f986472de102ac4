"""Rules of jupyter_rtc.datastore.meaning."""

import copy

import pytest

from jupyter_rtc.datastore.meaning import digest_notebook, plain_cells


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
