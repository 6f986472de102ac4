"""How a run stands, as its record and its cell show it."""

from jupyter_rtc.datastore.outputs import CellOutputs
from jupyter_rtc.kernels import standing
from jupyter_rtc.kernels.reasons import CANCELLED, DIED
from jupyter_rtc.kernels.run import Run, RunStatus
from jupyter_rtc.kernels.work import Work

from .works import work_in
from .world import Notebook

MARKS = {"jupyter_server_nbmodel": {"requestId": "r"}}


def test_it_waits_runs_and_ends():
    notebook = Notebook("1")
    work = work_in(notebook, marks=MARKS)
    run = work.run
    with work.editing() as doc:
        standing.show_waiting(doc, Run(notebook.room, "k", "1", "ana", cell_id="a", id=run.id, marks=MARKS), 3)
    assert (notebook.records[run.id]["position"], notebook.state("a")) == (3, "running")
    assert notebook.cell("a")["metadata"].to_py() == MARKS
    with work.editing() as doc:
        assert standing.show_started(doc, run, 2) is not None
    assert (notebook.records[run.id]["position"], notebook.records[run.id]["status"]) == (0, "running")
    assert notebook.kernel_state("k")["generation"] == 2
    run.execution_count = 7
    run.end(RunStatus.OK, 1.0)
    with work.editing() as doc:
        standing.show_ended(doc, work, was_last=True)
    assert (notebook.records[run.id]["status"], notebook.state("a"), notebook.count("a")) == ("ok", "idle", 7)
    assert notebook.cell("a")["metadata"].to_py() == {}


def test_a_cell_that_another_run_of_it_keeps_running_shows_no_end():
    notebook = Notebook("1")
    work = work_in(notebook)
    with work.editing() as doc:
        standing.show_started(doc, work.run, 0)
        work.run.end(RunStatus.OK, 1.0)
        standing.show_ended(doc, work, was_last=False)
    assert (notebook.records[work.run.id]["status"], notebook.state("a")) == ("ok", "running")


def ended_before_it_began(notebook, why):
    run = Run(notebook.room, "k", "1", "ana", cell_id="a")
    run.queue(0)
    run.end(RunStatus.ABORTED, 1.0, why)
    return Work(run, notebook, CellOutputs(), 0.0)


def test_why_it_did_not_begin_is_said_in_its_cell_once_if_nobody_wanted_that():
    notebook = Notebook("1")
    for why in (CANCELLED, DIED, DIED):
        work = ended_before_it_began(notebook, why)
        with work.editing() as doc:
            standing.show_ended(doc, work, was_last=True)
    assert [one["evalue"] for one in notebook.outputs("a")] == [DIED.evalue]


def test_why_one_that_had_begun_ended_is_not_said_again():
    notebook = Notebook("1")
    work = work_in(notebook)
    work.run.end(RunStatus.ABORTED, 1.0, DIED)
    with work.editing() as doc:
        standing.show_ended(doc, work, was_last=True)
    assert notebook.outputs("a") == []


def test_code_of_no_cell_has_shown_nothing_at_its_end_if_it_has():
    notebook = Notebook()
    work = work_in(notebook, cell_id=None)
    with work.editing() as doc:
        assert standing.show_started(doc, work.run, 0) is None
        work.run.end(RunStatus.OK, 1.0)
        standing.show_ended(doc, work, was_last=True)
    assert notebook.records[work.run.id]["displays"] == []
