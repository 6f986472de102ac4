"""The run of a cell belongs to the document, not to the browser in which somebody started it."""

import pytest

from .notebooks import read_notebook, read_output, write_notebook
from .tab import eventually, open_for

LINES = [str(number) for number in range(1, 201)]
LOOP = """\
import time
for number in range(1, 201):
    print(number, flush=True)
    time.sleep(0.05)
"""
LOOP_THAT_STOPS_HALFWAY = """\
import time
from pathlib import Path
for number in range(1, 201):
    print(number, flush=True)
    while number == 100 and not Path("go on").exists():
        time.sleep(0.05)
"""


@pytest.fixture(scope="module")
def options():
    """A document is closed as soon as its last reader has left, if nothing keeps it open."""
    return ("--YDocExtension.document_cleanup_delay=0.5",)


def test_a_cell_whose_reader_left_runs_to_its_end_and_the_next_reader_is_shown_all_of_it(path, lab, ana, bo):
    write_notebook(path, LOOP)
    open_for(path, ana)
    ana.focus(0)
    ana.press("Control+Enter")
    eventually(lambda: "20" in ana.output(0).splitlines(), True)
    ana.page.close()
    eventually(lambda: read_output(path, 0).splitlines(), LINES)
    eventually(lab.open_rooms, [])
    open_for(path, bo)
    eventually(lambda: (bo.output(0).splitlines(), bo.prompt(0)), (LINES, "[1]:"))
    assert read_notebook(path).cells[0].execution_count == 1


def test_who_comes_while_a_cell_runs_is_shown_what_it_printed_and_then_the_rest(path, ana, bo):
    write_notebook(path, LOOP_THAT_STOPS_HALFWAY)
    open_for(path, ana)
    ana.focus(0)
    ana.press("Control+Enter")
    eventually(lambda: "1" in ana.output(0).splitlines(), True)
    ana.page.close()
    bo.visit(path.name)
    bo.wait_for_text()
    eventually(lambda: (bo.output(0).splitlines(), bo.prompt(0)), (LINES[:100], "[*]:"))
    path.with_name("go on").touch()
    eventually(lambda: (bo.output(0).splitlines(), bo.prompt(0)), (LINES, "[1]:"))
