"""Rules of jupyter_rtc.datastore.notebook."""

import json

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jupyter_ydoc import YNotebook
from pycrdt import Array, Doc, Map

from jupyter_rtc.datastore.notebook import NotebookShape

from .notebooks import notebooks, odd_values, real_notebooks

shape = NotebookShape()


def filled(content):
    doc = Doc()
    for _ in shape.fill(doc, content):
        pass
    return doc


def markdown(source, cell_id=None):
    named = {} if cell_id is None else {"id": cell_id}
    return {**named, "cell_type": "markdown", "metadata": {}, "source": source}


def nameless(notebook):
    """Return the notebook without cell ids: a cell that got a new id on disk keeps its old one in the document."""
    cells = [{key: value for key, value in cell.items() if key != "id"} for cell in notebook["cells"]]
    return {**notebook, "cells": cells}


def parsed(path):
    return json.loads(json.dumps(nbformat.read(path, as_version=4)))


@given(notebooks())
def test_a_document_gives_back_the_notebook_that_it_was_filled_with(notebook):
    assert shape.digest(shape.read(filled(notebook))) == shape.digest(notebook)


@pytest.mark.parametrize("path", real_notebooks())
def test_a_real_notebook_comes_back_as_it_was(path):
    notebook = parsed(path)
    assert shape.digest(shape.read(filled(notebook))) == shape.digest(notebook)


@pytest.mark.parametrize("path", real_notebooks())
def test_the_frontends_see_what_jupyter_ydoc_would_show_them(path):
    notebook = parsed(path)
    ours, theirs = YNotebook(filled(notebook)), YNotebook()
    theirs.set(notebook)
    assert shape.digest(ours.get()) == shape.digest(theirs.get())
    assert [cell["cell_type"] for cell in ours.get()["cells"]] == [c["cell_type"] for c in theirs.get()["cells"]]


@given(notebooks(), notebooks())
def test_a_changed_document_has_the_new_notebook_and_so_has_every_replica(before, after):
    doc = filled(before)
    replica = Doc()
    replica.apply_update(doc.get_update())
    with doc.transaction():
        shape.change(doc, after)
    assert shape.digest(nameless(shape.read(doc))) == shape.digest(nameless(after))
    replica.apply_update(doc.get_update(replica.get_state()))
    assert shape.read(replica) == shape.read(doc)


@given(notebooks())
def test_a_change_to_the_same_notebook_changes_nothing(notebook):
    doc = filled(notebook)
    state = doc.get_state()
    shape.change(doc, shape.read(doc))
    assert doc.get_state() == state


@given(notebooks(), st.data())
def test_moving_cells_recreates_only_those_that_moved(notebook, data):
    notebook["nbformat_minor"] = 5
    notebook["cells"] = [{**cell, "id": f"c{i}"} for i, cell in enumerate(notebook["cells"])]
    order = data.draw(st.permutations(notebook["cells"]))
    doc = filled(notebook)
    shape.change(doc, {**notebook, "cells": list(order)})
    assert shape.digest(shape.read(doc)) == shape.digest({**notebook, "cells": list(order)})


def test_an_edit_in_one_cell_leaves_the_others_objects_alone():
    content = {
        "nbformat": 4, "nbformat_minor": 5, "metadata": {},
        "cells": [{"id": f"c{i}", "cell_type": "markdown", "metadata": {}, "source": f"text {i}"} for i in range(50)],
    }  # fmt: skip
    doc = filled(content)
    before = doc.get_state()
    content["cells"][7]["source"] = "text seven"
    shape.change(doc, content)
    assert len(doc.get_update(before)) < 100


def test_an_empty_notebook_is_shown_with_a_cell_and_means_the_same():
    empty = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}
    read = shape.read(filled(empty))
    assert len(read["cells"]) == 1
    assert shape.digest(read) == shape.digest(empty)


def test_reading_changes_nothing_and_shows_every_cell_even_under_a_doubled_id():
    doc = filled({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [
        {"id": "same", "cell_type": "markdown", "metadata": {}, "source": "a"},
        {"id": "same", "cell_type": "markdown", "metadata": {}, "source": "b"},
    ]})  # fmt: skip
    state = doc.get_state()
    read = shape.read(doc)
    assert [cell["source"] for cell in read["cells"]] == ["a", "b"]
    assert len({cell["id"] for cell in read["cells"]}) == 2
    assert doc.get_state() == state


def test_the_state_map_is_never_touched():
    doc = filled({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []})
    doc.get("state", type=Map)["hash"] = "kept"
    shape.change(doc, {"nbformat": 4, "nbformat_minor": 5, "metadata": {"a": 1}, "cells": []})
    assert doc.get("state", type=Map).to_py() == {"hash": "kept"}


def test_large_outputs_are_filled_in_several_steps():
    big = {"output_type": "stream", "name": "stdout", "text": "x" * 60_000}
    cells = [
        {"id": f"c{i}", "cell_type": "code", "metadata": {}, "source": "", "outputs": [big], "execution_count": 1}
        for i in range(20)
    ]
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
    assert len(list(shape.fill(Doc(), notebook))) >= 10


def test_the_same_notebook_makes_the_same_history_for_the_same_client():
    notebook = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [markdown("a"), markdown("a")]}
    for content in (notebook, {**notebook, "cells": []}):
        one, other = Doc(client_id=7), Doc(client_id=7)
        list(shape.fill(one, content))
        list(shape.fill(other, content))
        assert one.get_state() == other.get_state()
        assert [str(cell["id"]) for cell in one.get("cells", type=Array)] == [
            str(cell["id"]) for cell in other.get("cells", type=Array)
        ]


def test_a_cell_with_many_large_outputs_is_filled_output_by_output():
    output = {"output_type": "display_data", "metadata": {}, "data": {"image/png": "A" * 100_000}}
    cell = {
        "cell_type": "code",
        "metadata": {},
        "source": "",
        "outputs": [output] * 20,
        "execution_count": 1,
        "id": "a",
    }
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [markdown("x", "m"), cell]}
    doc = Doc()
    assert len(list(shape.fill(doc, notebook))) >= 10
    assert shape.read(doc) == notebook


@given(odd_values)
def test_values_that_documents_do_not_keep_do_no_harm(value):
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"odd": value}, "cells": [markdown("a", "a")]}
    notebook["cells"][0]["metadata"]["odd"] = value
    assert shape.digest(shape.read(filled(notebook))) == shape.digest(notebook)


@pytest.mark.parametrize(
    "rubbish", [5, "text", None, {"id": 5}, {"id": "a", "source": 3, "metadata": [], "outputs": 1}]
)
def test_a_document_with_rubbish_in_it_is_read_and_changed_all_the_same(rubbish):
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [markdown("a", "a"), markdown("b", "b")]}
    doc = filled(notebook)
    doc.get("cells", type=Array).insert(1, rubbish)
    doc.get("meta", type=Map)["metadata"] = "rubbish"
    assert [cell["source"] for cell in shape.read(doc)["cells"] if cell["cell_type"] == "markdown"] == ["a", "b"]
    with doc.transaction():
        shape.change(doc, notebook)
    assert shape.read(doc) == notebook


def test_what_the_notary_says_of_a_cell_that_nobody_changed_changes_nothing():
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [markdown("a", "a")]}
    doc = filled(notebook)
    before = doc.get_state()
    notebook["cells"][0]["metadata"] = {"trusted": False}
    shape.change(doc, notebook)
    assert doc.get_state() == before
