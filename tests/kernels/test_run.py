"""One run, from request to end."""

import pytest

from jupyter_rtc.errors import RunError
from jupyter_rtc.ids import RoomId
from jupyter_rtc.kernels.run import Failure, Options, Run, RunStatus, options_in


def a_run(**fields):
    return Run(RoomId("json:notebook:1"), "kernel", "1 + 1", "ana", **fields)


def test_a_run_goes_from_request_to_end():
    run = a_run(cell_id="a")
    run.queue(3)
    run.start(10.0)
    run.end(RunStatus.OK, 11.0)
    assert (run.generation, run.started_at, run.ended_at, run.status) == (3, 10.0, 11.0, RunStatus.OK)


def test_a_run_ends_once():
    run = a_run()
    run.end(RunStatus.ABORTED, 1.0, Failure("Aborted", "why"))
    with pytest.raises(ValueError, match="aborted does not end"):
        run.end(RunStatus.OK, 2.0)
    assert run.failure == Failure("Aborted", "why")


def test_a_run_does_not_end_as_something_that_is_no_end():
    with pytest.raises(ValueError, match="does not end as running"):
        a_run().end(RunStatus.RUNNING, 1.0)


def test_only_what_waits_starts():
    with pytest.raises(ValueError, match="requested cannot become running"):
        a_run().start(1.0)


def test_each_run_has_an_id_and_a_batch_of_its_own():
    one, other = a_run(), a_run()
    assert one.id != other.id
    assert one.batch == one.id
    assert a_run(batch="b").batch == "b"


def test_options_from_outside_are_looked_at():
    assert options_in(None) == Options()
    assert options_in({"allow_stdin": False}) == Options(allow_stdin=False)
    for wrong in ([], {"stdin": False}, {"silent": 1}):
        with pytest.raises(RunError, match="option"):
            options_in(wrong)
