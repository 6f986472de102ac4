"""Rules of jupyter_rtc.datastore.shared_cells."""

import json

import pytest
from hypothesis import given
from pycrdt import Array, Assoc, Doc, Map, Text

from jupyter_rtc.datastore.meaning import cell_meaning, plain_cells
from jupyter_rtc.datastore.shared_cells import change_cell, shared_cell
from jupyter_rtc.datastore.values import same

from .notebooks import cells

OUTPUTS = [{"output_type": "stream", "name": "stdout", "text": f"{number}\n"} for number in range(4)]


def code(source="x", **more):
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None, **more}


def in_document(cell):
    shared = Doc().get("cells", type=Array)
    shared.append(shared_cell({"id": "a", **cell}))
    return shared


def read(shared):
    return json.loads(str(shared))[0]


def change(shared, new):
    """Make the cell be this one, and return the size of the update."""
    doc = shared.doc
    before = doc.get_state()
    with doc.transaction():
        change_cell(shared[0], read(shared), {"id": "a", **new})
    return len(doc.get_update(before))


@given(cells(), cells())
def test_a_cell_becomes_any_other_of_its_type(old, new):
    new["cell_type"] = old["cell_type"]
    shared = in_document(old)
    change(shared, new)
    assert same(cell_meaning(*plain_cells([read(shared)]), with_id=False), cell_meaning(new, with_id=False))


def test_a_cell_has_the_shared_types_that_frontends_expect():
    cell = in_document(code("x", outputs=OUTPUTS[:1], metadata={"a": {"b": 1}}))[0]
    assert isinstance(cell["source"], Text) and isinstance(cell["metadata"], Map)
    assert isinstance(cell["outputs"], Array) and isinstance(cell["outputs"][0], Map)
    assert isinstance(cell["outputs"][0]["text"], Text) and cell["execution_state"] == "idle"


def test_a_cursor_stays_where_it_is_while_the_text_around_it_changes():
    shared = in_document(code("é = 1\nhere\nlast"))
    source = shared[0]["source"]
    cursor = source.sticky_index(len("é = 1\nhe".encode()), Assoc.BEFORE)
    change(shared, code("😀 new\né = 1\nhere too\nend"))
    with shared.doc.transaction():
        at = cursor.get_index()
    assert str(source).encode()[:at].decode() == "😀 new\né = 1\nhe"


def test_one_character_costs_a_few_bytes_whatever_the_cell_has():
    shared = in_document(code("long line of text\n" * 1000, outputs=OUTPUTS, metadata={"tags": ["a"] * 100}))
    new = "long line of text\n" * 500 + "long lines of text\n" + "long line of text\n" * 499
    assert change(shared, code(new, outputs=OUTPUTS, metadata={"tags": ["a"] * 100})) < 40


def test_outputs_are_kept_up_to_the_first_that_is_new():
    shared = in_document(code(outputs=[*OUTPUTS[:2], {"output_type": "stream", "name": "stdout", "text": "o" * 999}]))
    assert change(shared, code(outputs=OUTPUTS)) < 250
    assert [output["text"] for output in read(shared)["outputs"]] == ["0\n", "1\n", "2\n", "3\n"]


def test_a_change_of_one_key_of_metadata_leaves_the_others():
    shared = in_document(code(metadata={"large": "x" * 10_000, "small": 1, "gone": 0}))
    assert change(shared, code(metadata={"large": "x" * 10_000, "small": 2})) < 60
    assert read(shared)["metadata"] == {"large": "x" * 10_000, "small": 2}


@pytest.mark.parametrize("key", ["source", "metadata", "outputs"])
def test_rubbish_in_the_place_of_a_shared_type_is_replaced(key):
    shared = in_document(code(outputs=OUTPUTS))
    shared[0][key] = 5
    change(shared, code("new", metadata={"a": 1}, outputs=OUTPUTS[:1]))
    assert plain_cells([read(shared)]) == [{"id": "a", **code("new", metadata={"a": 1}, outputs=OUTPUTS[:1])}]


def test_the_state_of_execution_is_left_alone():
    shared = in_document(code())
    shared[0]["execution_state"] = "running"
    change(shared, code("new"))
    assert read(shared)["execution_state"] == "running"
