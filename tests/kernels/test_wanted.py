"""What somebody wants to be run."""

import pytest
from pycrdt import Map

from jupyter_rtc.errors import RunError, RunStale
from jupyter_rtc.kernels.run import Failure
from jupyter_rtc.kernels.source_hash import source_hash
from jupyter_rtc.kernels.wanted import Wanted, code_of, is_as_expected, show_refusal

from .world import Notebook


def test_a_cell_runs_as_it_says_or_as_who_asks_says():
    notebook = Notebook("1 + 1")
    assert code_of(notebook, Wanted("a")) == "1 + 1"
    assert code_of(notebook, Wanted("a", code="2 + 2")) == "2 + 2"
    assert code_of(notebook, Wanted(code="")) == ""


def test_what_cannot_be_run_is_refused_in_words():
    notebook = Notebook("1")
    with notebook.typing():
        notebook.cells.append(Map({"id": "m", "cell_type": "markdown"}))
    for wanted, words in ((Wanted(), "Say which"), (Wanted("x"), "no such cell"), (Wanted("m"), "Only code")):
        with pytest.raises(RunError, match=words):
            code_of(notebook, wanted)


def test_a_cell_that_was_changed_is_refused_with_what_it_says_now():
    notebook = Notebook("new")
    with pytest.raises(RunStale) as refused:
        code_of(notebook, Wanted("a", expected_hash=source_hash("old")))
    assert refused.value.source == "new"
    assert code_of(notebook, Wanted("a", expected_hash=source_hash("new"))) == "new"


def test_a_cell_is_as_expected_only_if_somebody_said_what_they_expect():
    notebook = Notebook("1")
    assert is_as_expected(notebook, Wanted("a", expected_hash=source_hash("1")))
    assert not is_as_expected(notebook, Wanted("a", expected_hash=source_hash("2")))
    assert not is_as_expected(notebook, Wanted("gone", expected_hash=source_hash("1")))
    assert not is_as_expected(notebook, Wanted("a"))


def test_the_cells_themselves_say_why_they_are_refused():
    notebook = Notebook("1", "2")
    show_refusal(notebook, [Wanted("a"), Wanted("gone"), Wanted(code="3")], Failure("Why", "because"))
    assert [one["evalue"] for one in notebook.outputs("a")] == ["because"]
    assert (notebook.state("a"), notebook.outputs("b")) == ("idle", [])
