"""What is said of a run to those who poll."""

import json

import pytest

from jupyter_rtc.datastore.outputs import CellOutputs
from jupyter_rtc.kernels.inputs import Question
from jupyter_rtc.kernels.run import Failure, Run, RunStatus
from jupyter_rtc.kernels.work import Work
from jupyter_rtc.lab.answers import of_question, of_run, of_work

from ..kernels.world import ROOM, Notebook


def a_run(status=RunStatus.QUEUED):
    return Run(ROOM, "k", "1 + 1", "ana", cell_id="a", id="r-1", status=status)


def work_of(run):
    return Work(run, Notebook("one"), CellOutputs(), 0.0)


@pytest.mark.parametrize(
    ("status", "said"),
    [(RunStatus.REQUESTED, "queued"), (RunStatus.QUEUED, "queued"), (RunStatus.RUNNING, "running")],
)
def test_a_run_that_goes_on_is_pending_at_an_address_below_the_base_url(status, said):
    assert of_run(a_run(status), "a.ipynb") == {
        "request_id": "r-1",
        "request_url": "/api/kernels/k/requests/r-1",
        "request_status": said,
        "kernel_id": "k",
        "cell_id": "a",
        "document_path": "a.ipynb",
        "pending": True,
        "outputs": "[]",
    }


def test_a_run_that_has_ended_is_complete_and_says_how_it_ended():
    work = work_of(a_run())
    work.hear_output("stream", {"name": "stdout", "text": "one"})
    work.run.execution_count = 3
    work.run.end(RunStatus.OK, 1.0)
    said = of_work(work, None)
    assert (said["request_status"], said["pending"], said["status"], said["execution_count"]) == (
        "complete",
        False,
        "ok",
        3,
    )
    assert json.loads(said["outputs"]) == [{"output_type": "stream", "name": "stdout", "text": "one"}]


def test_a_run_that_failed_says_why():
    work = work_of(a_run())
    work.run.end(RunStatus.ABORTED, 1.0, Failure("Aborted", "Not run."))
    said = of_work(work, None)
    assert (said["status"], said["ename"], said["evalue"]) == ("aborted", "Aborted", "Not run.")


def test_a_run_that_waits_for_input_says_for_what():
    question = Question("q", work_of(a_run()), "Name: ", True, {"msg_id": "m"}, None)
    assert of_question(question) == {
        "parent_header": {"msg_id": "m"},
        "input_request": {"prompt": "Name: ", "password": True},
        "input_id": "q",
    }


def test_of_a_run_whose_outputs_are_not_kept_any_more_it_is_said():
    work = work_of(a_run())
    work.run.end(RunStatus.OK, 1.0)
    assert "outputs_kept" not in of_work(work, None)
    work.let_go()
    said = of_work(work, None)
    assert (said["status"], said["outputs"], said["outputs_kept"]) == ("ok", "[]", False)
