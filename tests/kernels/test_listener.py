"""What a kernel says goes to the run that caused it."""

import asyncio
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jupyter_rtc.kernels import cells, records
from jupyter_rtc.kernels.listener import COMM_TYPES, LATE, PATIENCE, WIDGET_VIEW, Listener
from jupyter_rtc.kernels.message import Message
from jupyter_rtc.kernels.run import RunStatus
from jupyter_rtc.kernels.work import OUTPUT_TYPES

from .scripted import scripted
from .works import message, printed, shown, work_in
from .world import Notebook, until, world


class Heard:
    """A listener, and what it called."""

    def __init__(self):
        self.generation = 0
        self.calls = []
        self.listener = Listener(
            lambda: 7.0,
            lambda work: self.calls.append(("output", work)),
            lambda work, question: self.calls.append(("asked", work, question)),
            lambda: self.calls.append("restarting"),
            generation=lambda: self.generation,
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
    assert work.progress.idle and work.reply["status"] == "ok"


def test_the_idle_of_a_question_counts_for_the_run_that_waits_for_it(heard, notebook):
    work = expected(heard, notebook)
    heard.listener.expect_probe("probe", work)
    heard.hear(message("status", parent="probe", execution_state="busy"))
    assert not work.progress.probe_idle
    heard.hear(message("status", parent="probe", execution_state="idle"))
    assert work.progress.probe_idle and not work.progress.idle


def test_the_reply_to_a_question_counts_for_the_run_that_waits_for_it(heard, notebook):
    work = expected(heard, notebook)
    heard.listener.expect_probe("probe", work)
    heard.hear(message("kernel_info_reply", "control", parent="probe"))
    assert not work.progress.probe_replied
    work.changed.clear()
    heard.hear(message("kernel_info_reply", "shell", parent="probe"))
    assert work.progress.probe_replied and work.changed.is_set() and not work.progress.replied


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


def test_a_display_is_updated_by_the_kernel_that_shows_it_and_by_none_that_came_after_it(heard, notebook):
    old, new = expected(heard, notebook, "1", "a"), expected(heard, notebook, "2", "b")
    new.run.generation = heard.generation = 1
    heard.hear(shown("old", "d", parent="1"), shown("new", "d", parent="2"))
    heard.hear(shown("newer", "d", "update_display_data", parent="2"))
    assert (texts(old), texts(new)) == ([{"text/plain": "old"}], [{"text/plain": "newer"}])
    heard.hear(shown("newest", "d", "update_display_data", parent="a console's"))
    assert (texts(old), texts(new)) == ([{"text/plain": "old"}], [{"text/plain": "newest"}])
    heard.hear(shown("its last", "d", "update_display_data", parent="1"))
    assert (texts(old), texts(new)) == ([{"text/plain": "its last"}], [{"text/plain": "newest"}])


def test_only_so_many_runs_are_remembered(heard, notebook):
    first = expected(heard, notebook, "first")
    for number in range(LATE):
        expected(heard, notebook, str(number))
    heard.hear(printed("late", "first"))
    assert texts(first) == []


def test_what_goes_on_printing_after_its_end_is_heard_however_many_runs_come(heard, notebook):
    first = expected(heard, notebook, "first")
    first.run.end(RunStatus.OK, 1.0)
    for number in range(3 * LATE):
        expected(heard, notebook, str(number))
        heard.hear(printed("x", "first"))
    assert texts(first) == ["x" * 3 * LATE]


def test_what_comes_for_a_run_that_was_forgotten_is_left_out_and_said_once(heard, notebook, caplog):
    work, superseded = expected(heard, notebook, "1"), expected(heard, notebook, "2")
    superseded.superseded = True
    for one in (work, superseded):
        one.run.end(RunStatus.OK, 1.0)
        one.let_go()
    heard.hear(printed("late", "1"), printed("later", "1"), printed("late", "2"))
    assert (texts(work), heard.calls) == ([], [])
    assert len(caplog.records) == 1 and "left out" in caplog.messages[0]


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


def test_a_message_that_cannot_be_taken_is_said_once_for_its_run_and_the_next_are_heard(heard, notebook, caplog):
    work = expected(heard, notebook)
    broken = message("display_data", data={"text/plain": "x"}, transient={"display_id": ["no", "text"]})
    heard.hear(broken, message("update_display_data", transient={"display_id": []}), printed("after"))
    wrong = [message("display_data", data=["no", "object"]), message("display_data", data="x")]
    heard.hear(*wrong, message("status", execution_state="idle"))
    assert work.progress.idle
    assert "after" in str(texts(work))
    assert len(caplog.records) == 1 and "left out" in caplog.messages[0]


ODD = [None, True, -1, 2**70, 1.5, float("nan"), "", "x", "\ud800", [], [None], ["x", ["y"]], {}, {"x": {"y": [2**70]}}]
ODD += [
    {"display_id": "d"},
    {"display_id": []},
    {"text/plain": "x"},
    {WIDGET_VIEW: "x"},
    {WIDGET_VIEW: {"model_id": []}},
]
FIELDS = ["execution_state", "execution_count", "status", "ename", "evalue", "traceback", "data", "metadata"]
FIELDS += ["transient", "name", "text", "wait", "comm_id", "target_name"]
TYPES = [*sorted(OUTPUT_TYPES | COMM_TYPES), "status", "execute_input", "execute_reply", "input_request", "x"]
contents = st.dictionaries(st.sampled_from(FIELDS), st.sampled_from(ODD), max_size=6)


@example([("status", {"execution_state": "\ud800"}, {})])
@given(st.lists(st.tuples(st.sampled_from(TYPES), contents, contents), max_size=5))
def test_whatever_a_kernel_says_it_is_heard_to_its_end_and_can_be_written(those):
    heard, notebook = Heard(), Notebook("one")
    work = expected(heard, notebook)
    work.timing = {}
    channel = {"execute_reply": "shell", "input_request": "stdin"}
    for kind, content, metadata in those:
        made = Message(channel.get(kind, "iopub"), kind, {"date": "now"}, {"msg_id": "request"}, metadata, content)
        heard.hear(made)
    heard.hear(message("execute_reply", "shell"), message("status", execution_state="idle"))
    assert work.progress.replied and work.progress.idle
    status, failure = work.outcome()
    work.write_now()
    with work.editing() as doc:
        work.run.end(status, 1.0, failure)
        records.write_run(doc, work.run)
        cells.show_ended(notebook.cell("a"), work.run.execution_count, work.timing)


def test_a_widget_whose_model_is_not_known_yet_is_waited_for(heard, notebook):
    work = expected(heard, notebook)

    def view(model):
        return message("display_data", data={WIDGET_VIEW: {"model_id": model}}, metadata={})

    heard.hear(view("m"))
    assert work.is_waiting(7.0) and not work.is_waiting(7.0 + PATIENCE)
    heard.hear(message("comm_open", comm_id="m", target_name="jupyter.widget", data={}))
    assert not work.is_waiting(7.0)
    heard.hear(view("m"))
    assert not work.is_waiting(7.0)


def test_times_are_noted_as_jupyterlab_records_them_where_somebody_wants_them(heard, notebook):
    work, other = expected(heard, notebook, "1"), expected(heard, notebook, "2")
    work.timing = {}
    for request in ("1", "2"):
        heard.hear(
            message("status", parent=request, header={"date": "t1"}, execution_state="busy"),
            message("execute_input", parent=request, header={"date": "t2"}, execution_count=1),
            message("execute_reply", "shell", request, {"date": "t4"}, {"started": "t3"}, status="ok"),
            message("status", parent=request, header={"date": "t5"}, execution_state="idle"),
        )
    assert work.timing == {
        "iopub.status.busy": "t1",
        "iopub.execute_input": "t2",
        "shell.execute_reply.started": "t3",
        "shell.execute_reply": "t4",
        "iopub.status.idle": "t5",
    }
    assert other.timing is None


def test_an_output_that_shows_a_widget_comes_into_the_cell_behind_its_model():
    async def story():
        opened = asyncio.Event()

        async def shows(request):
            request.say("display_data", data={WIDGET_VIEW: {"model_id": "m"}}, metadata={})
            request.prints("behind")
            await opened.wait()
            request.say("comm_open", comm_id="m", target_name="jupyter.widget", data={"state": {}})
            await ended.wait()
            request.reply()
            request.idle()

        notebook, ended = Notebook("shows"), asyncio.Event()
        async with world(notebook) as w, scripted(w.here, shows=shows):
            runs = await w.run("a")
            await until(lambda: w.kernels.find(runs[0].id).outputs.as_nbformat()[1:])
            gathered = time.monotonic() + 0.1
            await until(lambda: time.monotonic() > gathered)
            assert notebook.outputs("a") == []
            opened.set()
            await until(lambda: notebook.text("a"))
            assert "m" in w.kernel.comms
            ended.set()
            await w.ended(*runs)

    asyncio.run(story())


def test_a_widget_that_nobody_ever_opened_is_shown_all_the_same():
    async def story():
        async def shows(request):
            request.say("display_data", data={WIDGET_VIEW: {"model_id": "m"}}, metadata={})
            await seen.wait()
            request.reply()
            request.idle()

        notebook, seen = Notebook("shows"), asyncio.Event()
        async with world(notebook) as w, scripted(w.here, shows=shows):
            runs = await w.run("a")
            await until(lambda: notebook.outputs("a"), PATIENCE + 2)
            seen.set()
            await w.ended(*runs)

    asyncio.run(story())
