"""What a kernel says goes to the run that caused it."""

import pytest

from jupyter_rtc.kernels.listener import LATE, Listener

from .works import message, printed, shown, work_in
from .world import Notebook


class Heard:
    """A listener, and what it called."""

    def __init__(self):
        self.calls = []
        self.listener = Listener(
            lambda: 7.0,
            lambda work: self.calls.append(("output", work)),
            lambda work, question: self.calls.append(("asked", work, question)),
            lambda: self.calls.append("restarting"),
        )

    def hear(self, *messages):
        self.listener.hear(list(messages))


@pytest.fixture
def heard():
    return Heard()


@pytest.fixture
def notebook():
    return Notebook("one", "two")


def expected(heard, notebook, request="request", cell_id="a"):
    work = work_in(notebook, cell_id)
    heard.listener.expect(request, work)
    return work


def texts(work):
    return [output.get("text", output.get("data")) for output in work.outputs.as_nbformat()]


def test_an_output_is_of_the_run_whose_request_caused_it(heard, notebook):
    one, two = expected(heard, notebook, "1", "a"), expected(heard, notebook, "2", "b")
    heard.hear(printed("for two", "2"), printed("for one", "1"), printed("for a console", "3"))
    assert (texts(one), texts(two)) == (["for one"], ["for two"])
    assert heard.calls == [("output", two), ("output", one)]


def test_a_run_has_answered_when_the_reply_and_idle_are_there(heard, notebook):
    work = expected(heard, notebook)
    heard.hear(message("execute_reply", "shell", status="ok"))
    assert work.progress.replied and not work.progress.idle and work.changed.is_set()
    heard.hear(message("status", execution_state="idle", parent="another's"))
    assert not work.progress.idle
    heard.hear(message("status", execution_state="idle"))
    assert work.progress.idle and work.reply == {"status": "ok"}


def test_the_idle_of_a_question_counts_for_the_run_that_waits_for_it(heard, notebook):
    work = expected(heard, notebook)
    heard.listener.expect_probe("probe", work)
    heard.hear(message("status", parent="probe", execution_state="busy"))
    assert not work.progress.probe_idle
    heard.hear(message("status", parent="probe", execution_state="idle"))
    assert work.progress.probe_idle and not work.progress.idle


def test_the_count_comes_from_what_the_kernel_says_that_it_runs(heard, notebook):
    work = expected(heard, notebook)
    heard.hear(message("execute_input", code="x", execution_count=12))
    assert work.run.execution_count == 12


def test_a_kernel_that_restarts_by_itself_is_noticed(heard):
    heard.hear(message("status", parent="", execution_state="restarting"))
    assert (heard.calls, heard.listener.state) == (["restarting"], "restarting")


def test_a_question_is_handed_on_with_its_run_and_one_of_nobody_is_not(heard, notebook):
    work = expected(heard, notebook)
    question = message("input_request", "stdin", prompt="Name: ")
    heard.hear(question, message("input_request", "stdin", parent="a console's"))
    assert heard.calls == [("asked", work, question)]


def test_a_display_is_updated_wherever_it_is_shown(heard, notebook):
    one, two = expected(heard, notebook, "1", "a"), expected(heard, notebook, "2", "b")
    heard.hear(shown("old", "d", parent="1"), shown("new", "d", "update_display_data", parent="2"))
    assert texts(one) == [{"text/plain": "new"}] and texts(two) == []


def test_a_run_that_was_superseded_shows_nothing_any_more(heard, notebook):
    old, other = expected(heard, notebook, "1", "a"), expected(heard, notebook, "2", "b")
    new = expected(heard, notebook, "3", "a")
    heard.listener.supersede(new)
    assert (old.superseded, other.superseded, new.superseded) == (True, False, False)


def test_only_so_many_runs_are_remembered(heard, notebook):
    first = expected(heard, notebook, "first")
    for number in range(LATE):
        expected(heard, notebook, str(number))
    heard.hear(printed("late", "first"))
    assert texts(first) == []


def test_what_nobody_knows_changes_nothing(heard, notebook):
    work = expected(heard, notebook)
    heard.hear(
        message("debug_event", seq=1),
        message("status"),
        message("execute_reply", "shell", parent="nobody's"),
        message("comm_msg", comm_id=5, data="text"),
        message("update_display_data", transient=None),
    )
    assert heard.calls == [] and texts(work) == []
