"""Two people in one document: what one does, the other sees, and the file has."""

from .notebooks import read_cells, read_notebook, read_output, write_notebook
from .people import ANA, BO
from .tab import eventually, open_for, together


def test_two_people_type_in_one_cell_at_once(path, ana, bo):
    write_notebook(path, "x")
    open_for(path, ana, bo)
    ana.focus(0, "Control+Home")
    bo.focus(0, "Control+End")
    together((ana, "from ana "), (bo, " from bo"))
    for look in (ana.cells, bo.cells, lambda: read_cells(path)):
        eventually(look, ["from ana x from bo"])


def test_two_people_type_in_two_cells_at_once(path, ana, bo):
    write_notebook(path, "a = ", "b = ")
    open_for(path, ana, bo)
    ana.focus(0)
    bo.focus(1)
    together((ana, "1 + 1\na"), (bo, "'two'\nb"))
    for look in (ana.cells, bo.cells, lambda: read_cells(path)):
        eventually(look, ["a = 1 + 1\na", "b = 'two'\nb"])


def test_cells_are_added_moved_and_deleted_for_both(path, ana, bo):
    write_notebook(path, "1", "2", "3")
    open_for(path, ana, bo)
    ana.select(0)
    ana.press("b", "Enter")
    ana.page.keyboard.type("added")
    eventually(bo.cells, ["1", "added", "2", "3"])
    bo.select(3)
    bo.press("Control+Shift+ArrowUp", "Control+Shift+ArrowUp")
    eventually(ana.cells, ["1", "3", "added", "2"])
    ana.select(0)
    ana.press("d", "d")
    for look in (ana.cells, bo.cells, lambda: read_cells(path)):
        eventually(look, ["3", "added", "2"])


def test_each_undoes_only_what_they_did_themselves(path, ana, bo):
    write_notebook(path, "x")
    open_for(path, ana, bo)
    ana.type(" by ana")
    eventually(bo.cells, ["x by ana"])
    bo.type(" by bo")
    eventually(ana.cells, ["x by ana by bo"])
    ana.press("Control+z")
    for look in (ana.cells, bo.cells, lambda: read_cells(path)):
        eventually(look, ["x by bo"])


def test_a_text_file_is_edited_together(lab, ana, bo):
    path = lab.root / "words.txt"
    path.write_text("first line\nlast line\n")
    open_for(path, ana, bo)
    ana.focus(key="Control+Home")
    bo.focus(key="Control+End")
    together((ana, "ana: "), (bo, "bo: ünïcode 🎉\n"))
    for look in (ana.text, bo.text, path.read_text):
        eventually(look, "ana: first line\nlast line\nbo: ünïcode 🎉\n")


def test_each_sees_the_other_by_name_and_by_cursor(path, ana, bo):
    write_notebook(path, "x")
    open_for(path, ana, bo)
    for tab, other in ((ana, BO), (bo, ANA)):
        eventually(tab.others, [other.display_name])
    bo.focus(0)
    eventually(ana.flags, [BO.display_name])
    bo.page.close()
    eventually(ana.others, [])


def test_a_cell_that_one_runs_shows_its_output_to_both_and_in_the_file(path, ana, bo):
    write_notebook(path, "print('six times seven is', 6 * 7)")
    open_for(path, ana, bo)
    ana.focus(0)
    ana.press("Control+Enter")
    for look in (lambda: ana.output(0), lambda: bo.output(0), lambda: read_output(path, 0)):
        eventually(look, "six times seven is 42")


def test_a_notebook_of_many_megabytes_which_comes_in_pieces_is_whole_and_edited_by_both(path, ana, bo):
    sources = [f"x{number} = {number}" for number in range(30)]
    write_notebook(path, *sources, size_of_output=100_000)
    open_for(path, ana, bo)
    eventually(ana.cells, sources)
    eventually(bo.cells, sources)
    ana.type(" + 1")
    bo.type(" + 2", 1)
    edited = ["x0 = 0 + 1", "x1 = 1 + 2", *sources[2:]]
    for look in (ana.cells, bo.cells, lambda: read_cells(path)):
        eventually(look, edited)
    assert all(len(cell.outputs[0].data["application/x-large"]) == 100_000 for cell in read_notebook(path).cells)
