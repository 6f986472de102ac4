"""What running code asks: one answer wins, and a password is nowhere."""

import asyncio

import pytest

from jupyter_rtc.kernels import records
from jupyter_rtc.kernels.inputs import LONGEST, REMEMBERED, Answered, Inputs
from jupyter_rtc.kernels.run import RunStatus
from jupyter_rtc.kernels.work import KERNEL

from .scripted import scripted
from .works import message, work_in
from .world import Notebook, until, world


class Wire:
    """Takes the answers that would go to the kernel."""

    def __init__(self):
        self.answered = []
        self.is_there = True

    def answer(self, value, asked):
        if self.is_there:
            self.answered.append((value, asked))
        return self.is_there


class Asking:
    def __init__(self, notebook):
        self.notebook = notebook
        self.work = work_in(notebook)
        self.inputs = Inputs(lambda: 5.0, lambda work: work.write_now(), "/base/")
        self.inputs.wire = self.wire = Wire()

    def ask(self, prompt="Name: ", password=False, work=None):
        header = {"msg_id": "question"}
        self.inputs.ask(
            work or self.work, message("input_request", "stdin", header=header, prompt=prompt, password=password)
        )
        return self.inputs.questions[-1].id

    @property
    def shown(self):
        return [output["data"] for output in self.notebook.outputs("a")]


@pytest.fixture
def asking():
    return Asking(Notebook("one", "two"))


def test_the_cell_says_that_it_waits_and_how_to_answer(asking):
    asked = asking.ask("<b>Name</b>: ")
    (shown,) = asking.shown
    address = f"/base/rtc/input/k/{asked}"
    assert shown["text/plain"] == f"<b>Name</b>: \n[waiting for input: answer at {address}]"
    assert "&lt;b&gt;Name" in shown["text/html"] and "<b>" not in shown["text/html"]
    assert f'href="{address}"' in shown["text/html"]
    record = asking.notebook.questions[asked]
    assert (record["status"], record["cell_id"], record["prompt"]) == ("waiting", "a", "<b>Name</b>: ")
    assert (record["run"], record["asked_at"]) == (asking.work.run.id, 5.0)


def test_exactly_one_answer_wins(asking):
    asked = asking.ask()
    given = [asking.inputs.answer(asked, value, user) for value, user in (("x", "bo"), ("y", "cy"))]
    assert given == [Answered.TAKEN, Answered.TOO_LATE]
    assert asking.wire.answered == [("x", {"msg_id": "question"})]
    assert asking.shown == [{"text/plain": "Name: x"}]
    record = asking.notebook.questions[asked]
    assert (record["status"], record["user"], record["answered_at"]) == ("answered", "bo", 5.0)
    assert asking.inputs.questions == ()


def test_an_answer_to_what_was_never_asked_is_told_so(asking):
    assert asking.inputs.answer("nothing", "x", "bo") is Answered.UNKNOWN
    assert asking.wire.answered == []


def test_a_password_goes_to_the_kernel_and_nowhere_else(asking):
    asked = asking.ask("Key: ", password=True)
    assert "waiting for a password" in asking.shown[0]["text/plain"]
    asking.inputs.answer(asked, "correct-horse", "bo")
    assert asking.wire.answered[0][0] == "correct-horse"
    assert asking.shown == [{"text/plain": "Key: ········"}]
    history = b"".join(update for _, update in asking.notebook.past.updates)
    assert b"correct-horse" not in history and b"Key: " in history


def test_the_end_of_a_run_takes_its_questions_back_and_no_others(asking):
    other = work_in(asking.notebook, "b")
    mine, others = asking.ask(), asking.ask(work=other)
    asking.inputs.cancel(asking.work)
    assert asking.shown == [{"text/plain": "Name: "}]
    assert asking.notebook.questions[mine]["status"] == "cancelled"
    assert asking.inputs.answer(mine, "x", "bo") is Answered.TOO_LATE
    assert asking.inputs.answer(others, "y", "bo") is Answered.TAKEN


def test_two_questions_of_one_run_are_answered_one_after_the_other(asking):
    first = asking.ask("First: ")
    asking.inputs.answer(first, "1", "bo")
    second = asking.ask("Second: ")
    asking.inputs.answer(second, "2", "bo")
    assert asking.shown == [{"text/plain": "First: 1"}, {"text/plain": "Second: 2"}]


def test_code_of_no_cell_shows_no_question_and_its_record_does(asking):
    asking.work.run.cell_id = None
    asked = asking.ask()
    asking.inputs.answer(asked, "x", "bo")
    assert asking.work.outputs.as_nbformat() == []
    assert asking.notebook.questions[asked]["status"] == "answered"


def test_nothing_is_asked_without_a_way_to_answer(asking):
    asking.inputs.wire = None
    asking.inputs.ask(asking.work, message("input_request", "stdin", prompt="?"))
    assert asking.inputs.questions == () and asking.notebook.questions == {}


class BrokenWire:
    def answer(self, value, asked):
        raise OSError("gone")


def test_an_answer_that_could_not_be_given_may_be_given_again(asking):
    asking.inputs.wire = BrokenWire()
    asked = asking.ask()
    with pytest.raises(OSError, match="gone"):
        asking.inputs.answer(asked, "x", "bo")
    assert [one.id for one in asking.inputs.questions] == [asked]


def test_an_answer_that_the_kernel_cannot_be_given_leaves_the_question_open(asking):
    asking.wire.is_there = False
    asked = asking.ask()
    assert asking.inputs.answer(asked, "lost", "bo") is Answered.NOT_GIVEN
    assert asking.notebook.questions[asked]["status"] == "waiting"
    asking.wire.is_there = True
    assert asking.inputs.answer(asked, "x", "bo") is Answered.TAKEN
    assert asking.shown == [{"text/plain": "Name: x"}]


def test_an_answer_is_given_once_the_kernel_can_be_reached_again():
    async def story():
        async def asks(request):
            request.prints(await request.ask("Name: "))
            request.reply()
            request.idle()

        notebook = Notebook("asks")
        async with world(notebook) as w, scripted(w.here, asks=asks) as kernel:
            runs = await w.run("a")
            (asked,) = await until(lambda: w.kernel and [one.id for one in w.kernel.inputs.questions])
            await kernel.cannot_ask()
            await until(lambda: not w.kernel._wire._readers["stdin"].can_send)
            assert w.kernels.answer("k", asked, "lost", "bo") is Answered.NOT_GIVEN
            await kernel.can_ask()
            await until(lambda: w.kernels.answer("k", asked, "x", "bo") is Answered.TAKEN)
            await w.ended(*runs)
            assert notebook.text("a") == "x"

    asyncio.run(story())


def test_half_a_surrogate_pair_is_no_text_and_harms_nothing(asking):
    asked = asking.ask("\ud800? ")
    asking.inputs.answer(asked, "x\ud800", "bo")
    assert asking.wire.answered[0][0] == "x\ufffd"
    assert asking.shown == [{"text/plain": "\ufffd? x\ufffd"}]


def test_a_prompt_is_not_endless(asking):
    asked = asking.ask("x" * 10 * LONGEST)
    assert len(asking.notebook.questions[asked]["prompt"]) == LONGEST


def test_only_so_many_questions_are_remembered(asking):
    first = asking.ask()
    asking.inputs.answer(first, "x", "bo")
    for _ in range(REMEMBERED):
        asking.inputs.answer(asking.ask(), "x", "bo")
    assert asking.inputs.answer(first, "x", "bo") is Answered.UNKNOWN


# --- what a cell left behind --------------------------------------------------------------------------


@pytest.fixture
def left(asking):
    """Return the run of a cell that has ended, and left behind what asks."""
    work = work_in(asking.notebook, "b")
    work.run.end(RunStatus.OK, 1.0)
    work.release()
    return work


def test_what_a_cell_left_behind_asks_in_the_one_that_runs(asking, left):
    with asking.inputs.asking(asking.work, asking.wire):
        asked = asking.ask("late? ", work=left)
        assert asking.shown[0]["text/plain"].startswith("late? \n[waiting for input")
        assert asking.notebook.questions[asked]["run"] == asking.work.run.id
        assert asking.inputs.answer(asked, "x", "bo") is Answered.TAKEN
        assert asking.shown == [{"text/plain": "late? x"}]
    assert asking.notebook.outputs("b") == []


def test_what_is_asked_after_the_kernel_s_answer_is_no_question_of_that_run(asking):
    asking.work.progress.replied = True
    asking.inputs.ask(asking.work, message("input_request", "stdin", prompt="late? "))
    assert asking.inputs.questions == () and asking.notebook.questions == {}


def test_what_is_asked_while_nothing_runs_is_asked_in_the_next_run(asking, left, caplog):
    late = message("input_request", "stdin", prompt="late? ", header={"msg_id": "late"})
    asking.inputs.ask(left, late)
    assert asking.inputs.questions == () and "left behind" in caplog.text
    with asking.inputs.asking(asking.work, asking.wire):
        asked, mine = asking.inputs.questions[0].id, asking.ask("mine? ")
        asking.inputs.cancel(asking.work)  # which the kernel does not hear while it waits for the first
        assert [one.id for one in asking.inputs.questions] == [asked]
        assert asking.notebook.questions[mine]["status"] == "cancelled"
        asking.inputs.answer(asked, "x", "bo")
    assert asking.wire.answered == [("x", {"msg_id": "late"})]
    assert asking.shown == [{"text/plain": "late? x"}, {"text/plain": "mine? "}]


def test_what_is_asked_while_nothing_runs_is_taken_back_at_the_end_of_the_next_run(asking, left):
    asking.inputs.ask(left, message("input_request", "stdin", prompt="late? "))
    with asking.inputs.asking(asking.work, asking.wire):
        (question,) = asking.inputs.questions
    assert asking.inputs.questions == ()
    assert asking.notebook.questions[question.id]["status"] == "cancelled"


def test_what_is_asked_while_nothing_runs_goes_with_its_kernel(asking, left):
    asking.inputs.ask(left, message("input_request", "stdin", prompt="late? "))
    with asking.inputs.asking(asking.work, Wire()):
        assert asking.inputs.questions == ()


def test_a_question_that_could_not_be_shown_is_not_open(asking):
    asking.work.release()
    with pytest.raises(RuntimeError, match="given its document back"):
        asking.inputs.ask(asking.work, message("input_request", "stdin", prompt="?"))
    assert asking.inputs.questions == ()


def test_two_cells_get_the_answers_to_their_own_questions_though_one_of_them_has_ended():
    async def story():
        ended, got, asks = asyncio.Event(), [], []

        async def leaves_behind(request):
            async def late():
                await ended.wait()
                got.append(("late", await request.ask("late? ")))

            asks.append(asyncio.create_task(late()))
            request.reply()
            request.idle()

        async def asks_too(request):
            ended.set()
            await asks[0]
            got.append(("mine", await request.ask("mine? ")))
            request.reply()
            request.idle()

        notebook = Notebook("leaves", "asks")
        async with world(notebook) as w, scripted(w.here, leaves=leaves_behind, asks=asks_too):
            assert await w.ran("a") == ["ok"]
            runs = await w.run("b")
            for answer in ("one", "two"):
                await until(lambda: w.kernel.inputs.questions)
                assert w.kernels.answer("k", None, answer, "bo") is Answered.TAKEN
            await w.ended(*runs)
            assert got == [("late", "one"), ("mine", "two")]
            assert [one["data"]["text/plain"] for one in notebook.outputs("b")] == ["late? one", "mine? two"]
            assert notebook.outputs("a") == []

    asyncio.run(story())


def test_a_question_of_an_earlier_life_of_the_server_is_taken_back_when_the_notebook_is_opened():
    async def story():
        notebook = Notebook("one")
        run = work_in(notebook).run
        with notebook.edit(KERNEL):
            records.write_run(notebook.ydoc, run, 0)
            records.write_input(notebook.ydoc, "q", run=run.id, status="waiting")
        async with world(notebook):
            assert notebook.questions["q"]["status"] == "cancelled"

    asyncio.run(story())


def test_the_kernel_s_end_takes_its_question_back():
    async def story():
        async def asks(request):
            await request.ask("Name: ")

        notebook = Notebook("asks")
        async with world(notebook) as w, scripted(w.here, asks=asks) as kernel:
            runs = await w.run("a")
            (asked,) = await until(lambda: list(notebook.questions))
            await kernel.die()
            kernel.tell("restart")
            await w.ended(*runs)
            assert notebook.questions[asked]["status"] == "cancelled"
            assert w.kernels.answer("k", asked, "x", "bo") is Answered.TOO_LATE
            assert notebook.outputs("a")[0]["data"] == {"text/plain": "Name: "}
            assert notebook.outputs("a")[1]["ename"] == "DeadKernelError"

    asyncio.run(story())
