"""A code cell, as running it sees it."""

from pycrdt import Array, Doc

from jupyter_rtc.datastore.shared_cells import shared_cell
from jupyter_rtc.kernels import cells


def document(*those):
    doc = Doc()
    doc.get("cells", type=Array).extend([shared_cell(one) for one in those])
    return doc


CODE = {"id": "a", "cell_type": "code", "source": ["1\n", "2"], "metadata": {}, "outputs": [], "execution_count": 7}
TEXT = {"id": "b", "cell_type": "markdown", "source": "# b", "metadata": {}}


def test_a_cell_is_found_by_its_id():
    doc = document(TEXT, CODE)
    assert cells.source(cells.find(doc, "a")) == "1\n2"
    assert cells.find(doc, "c") is None
    assert cells.is_code(cells.find(doc, "a"))
    assert not cells.is_code(cells.find(doc, "b"))


def test_a_cell_is_found_wherever_it_was_moved_and_not_where_it_was():
    doc = document(*({**CODE, "id": name} for name in "abcd"))
    shared = doc.get("cells", type=Array)
    assert [cells.find(doc, name)["id"] for name in "abcd"] == list("abcd")
    shared.insert(0, shared_cell({**CODE, "id": "new"}))
    del shared[1]
    shared.insert(0, shared_cell({**CODE, "id": "d"}))
    del shared[4]
    assert [cells.find(doc, name) and cells.find(doc, name)["id"] for name in "abcd"] == [None, "b", "c", "d"]
    assert cells.find(doc, "new")["id"] == "new"


def test_finding_each_cell_of_a_long_notebook_looks_at_each_about_once(monkeypatch):
    looked = []
    look = cells._id
    monkeypatch.setattr(cells, "_id", lambda cell: looked.append(1) or look(cell))
    doc = document(*({**CODE, "id": f"cell {number}"} for number in range(300)))
    for number in range(300):
        assert cells.find(doc, f"cell {number}")["id"] == f"cell {number}"
    assert len(looked) <= 2 * 300


def test_of_several_cells_those_are_found_that_there_are_in_one_look(monkeypatch):
    doc = document(*({**CODE, "id": f"cell {number}"} for number in range(50)))
    looked = []
    look = cells._id
    monkeypatch.setattr(cells, "_id", lambda cell: looked.append(1) or look(cell))
    wanted = ["cell 3", *(f"gone {number}" for number in range(50))]
    found = cells.find_in(doc, doc.get("cells", type=Array), wanted)
    assert {name: cell["id"] for name, cell in found.items()} == {"cell 3": "cell 3"}
    assert len(looked) <= 51


def test_a_cell_that_was_moved_by_one_is_found_without_looking_at_all(monkeypatch):
    doc = document(*({**CODE, "id": f"cell {number}"} for number in range(50)))
    shared = doc.get("cells", type=Array)
    assert cells.find(doc, "cell 40") is not None
    looked = []
    look = cells._id
    monkeypatch.setattr(cells, "_id", lambda cell: looked.append(1) or look(cell))
    for number in range(10):
        shared.insert(0, shared_cell({**CODE, "id": f"new {number}"}))
        assert cells.find(doc, "cell 40")["id"] == "cell 40"
    for _ in range(20):
        del shared[0]
        assert cells.find(doc, "cell 40")["id"] == "cell 40"
    assert cells.place(doc, "cell 40") == 30
    assert len(looked) <= 100


def test_which_cells_can_be_run_is_known_whatever_else_is_there():
    doc = document(CODE, TEXT, {**CODE, "id": "c"}, {**CODE, "id": 7})
    doc.get("cells", type=Array).append("no cell")
    assert cells.code_ids(doc, ["a", "b", "c", "gone"]) == {"a", "c"}


def test_a_cell_that_begins_shows_no_count_and_one_that_ends_shows_count_and_idle_at_once():
    doc = document(CODE)
    cell = cells.find(doc, "a")
    cells.show_waiting(cell)
    assert (cell["execution_state"], cell["execution_count"]) == ("running", 7)
    cells.show_started(cell)
    assert (cell["execution_state"], cell["execution_count"]) == ("running", None)
    seen = []
    cell.observe(lambda event: seen.append(set(event.keys)))
    with doc.transaction():
        cells.show_ended(cell, 8, {"shell.execute_reply": "2026-01-01T00:00:00Z"})
    assert seen == [{"execution_state", "execution_count"}]
    assert cell["metadata"]["execution"] == {"shell.execute_reply": "2026-01-01T00:00:00Z"}


def test_a_cell_that_is_no_code_any_more_ends_without_marks():
    cell = cells.find(document(TEXT), "b")
    cells.show_ended(cell, 8, {"shell.execute_reply": "2026-01-01T00:00:00Z"})
    cells.show_waiting(cell)
    cells.show_ended(cell, 8, {"shell.execute_reply": "2026-01-01T00:00:00Z"})
    assert set(cell) == {"id", "cell_type", "source", "metadata"} and cell["metadata"].to_py() == {}


def test_why_a_cell_was_not_run_is_shown_once_and_behind_what_it_shows():
    old = {"output_type": "stream", "name": "stdout", "text": "old"}
    doc = document({**CODE, "outputs": [old]})
    cell = cells.find(doc, "a")
    for why in ("it died", "it died", "it died again"):
        with doc.transaction():
            cells.show_not_run(cell, "DeadKernelError", why)
    first, *errors = cell["outputs"]
    assert str(first["text"]) == "old"
    assert [one["evalue"] for one in errors] == ["it died", "it died again"]


def test_a_refusal_is_shown_in_place_of_old_outputs():
    doc = document({**CODE, "outputs": [{"output_type": "stream", "name": "stdout", "text": "old"}]})
    cell = cells.find(doc, "a")
    cells.show_waiting(cell)
    assert cells.running(doc)
    cells.show_only_error(cell, "KernelUnavailable", "No kernel.")
    assert [output["evalue"] for output in cell["outputs"]] == ["No kernel."]
    assert not cells.running(doc)
    assert cell["execution_count"] == 7
