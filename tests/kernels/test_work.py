"""One run at work: its outputs, its document and how it ends."""

import asyncio

import pytest

from jupyter_rtc.kernels.reasons import DIED, FAILED_BEFORE, NO_REPLY, SHUT_DOWN
from jupyter_rtc.kernels.run import RunStatus

from .works import message, printed, shown, work_in
from .world import Notebook, Shelf


@pytest.fixture
def notebook():
    return Notebook("one", "two")


def test_what_is_heard_comes_into_the_cell_when_it_is_written(notebook):
    work = work_in(notebook)
    work.hear(printed("hello"))
    assert notebook.outputs("a") == []
    work.write_now()
    assert notebook.text("a") == "hello"
    changes = notebook.revision
    work.write_now()
    assert notebook.revision == changes


def test_a_superseded_run_writes_nothing(notebook):
    work = work_in(notebook)
    work.hear(printed("old"))
    work.superseded = True
    work.write_now()
    assert notebook.outputs("a") == []


def test_a_cell_that_comes_back_has_all_of_it(notebook):
    work = work_in(notebook)
    work.hear(printed("one\n"))
    work.write_now()
    copy = notebook.remove("a")
    work.hear(printed("two\n"))
    work.write_now()
    with notebook.typing():
        notebook.cells.append(copy)
    work.hear(printed("three\n"))
    work.write_now()
    assert notebook.text("a") == "one\ntwo\nthree\n"


def test_all_of_it_can_be_written_again_unless_it_is_kept_no_more(notebook):
    work = work_in(notebook)
    work.hear(printed("one"))
    work.write_now()
    with notebook.typing():
        notebook.cell("a")["outputs"].clear()
    document = work.release()
    work.write_again(document)
    assert notebook.text("a") == "one"
    work.let_go()
    work.write_again(document)
    assert notebook.text("a") == "one"


def test_what_comes_after_the_end_opens_the_document_anew(notebook):
    async def story():
        shelf = Shelf(notebook)
        work = work_in(await shelf.open(notebook.room))
        await work.release().close()
        work.hear(printed("late"))
        await work.write(shelf)
        assert notebook.text("a") == "late"
        assert (shelf.opened, shelf.held[notebook.room]) == (2, 0)
        with pytest.raises(RuntimeError, match="given its document back"):
            work.write_now()

    asyncio.run(story())


def test_a_document_whose_late_output_fails_is_given_back_all_the_same(notebook):
    async def story():
        shelf = Shelf(notebook)
        work = work_in(await shelf.open(notebook.room))
        await work.release().close()
        work.hear(printed("late"))
        work.outputs.take = lambda: 1 // 0
        with pytest.raises(ZeroDivisionError):
            await work.write(shelf)
        assert shelf.held[notebook.room] == 0

    asyncio.run(story())


@pytest.mark.parametrize(
    ("reply", "status", "why"),
    [
        ({"status": "ok"}, RunStatus.OK, None),
        ({"status": "aborted"}, RunStatus.ABORTED, FAILED_BEFORE.evalue),
        ({"status": "error", "ename": "E", "evalue": "why", "traceback": ["t"]}, RunStatus.ERROR, "why"),
        ({"status": "error"}, RunStatus.ERROR, ""),
        ({}, RunStatus.ERROR, NO_REPLY.evalue),
    ],
)
def test_it_ends_as_the_kernel_says(notebook, reply, status, why):
    work = work_in(notebook)
    work.reply = reply
    ended, failure = work.outcome()
    assert ended is status and (failure and failure.evalue) == why


def test_a_run_that_is_cut_says_so_in_its_cell_with_the_first_reason(notebook):
    work = work_in(notebook)
    work.cut(DIED)
    work.cut(SHUT_DOWN)
    assert work.changed.is_set()
    assert work.outcome() == (RunStatus.ABORTED, DIED)
    work.write_now()
    (error,) = notebook.outputs("a")
    assert (error["ename"], error["evalue"]) == (DIED.ename, DIED.evalue)
    assert error["traceback"] == [f"{DIED.ename}: {DIED.evalue}"]


def answered(payload, status="ok"):
    return message("execute_reply", channel="shell", status=status, execution_count=1, payload=payload)


def page(data, **fields):
    return {"source": "page", "data": data, "start": 0, **fields}


def test_a_page_that_comes_with_the_answer_is_shown_as_a_display(notebook):
    work = work_in(notebook)
    work.hear(printed("before"))
    work.hear_reply(answered([{"source": "set_next_input", "text": "1"}, page({"text/plain": "help \ud800"})]))
    work.write_now()
    assert notebook.outputs("a")[1:] == [
        {"output_type": "display_data", "data": {"text/plain": "help \ufffd"}, "metadata": {}}
    ]


@pytest.mark.parametrize("payload", [None, 1, "page", {"source": "page"}, [1, None, [], {}, page(None), page("text")]])
def test_a_payload_that_is_none_shows_nothing_and_the_run_ends_all_the_same(notebook, payload):
    work = work_in(notebook)
    work.hear_reply(answered(payload))
    work.write_now()
    assert work.progress.replied and work.changed.is_set()
    assert notebook.outputs("a") == []


def test_a_page_of_a_run_that_ended_or_went_wrong_is_not_shown(notebook):
    failed, let_go = work_in(notebook), work_in(notebook)
    failed.hear_reply(answered([page({"text/plain": "help"})], "error"))
    let_go.let_go()
    let_go.hear_reply(answered([page({"text/plain": "help"})]))
    for work in (failed, let_go):
        work.write_now()
    assert notebook.outputs("a") == []


def test_a_run_knows_the_displays_that_it_shows(notebook):
    work = work_in(notebook)
    work.hear(shown("x", "d"))
    assert work.shows(shown("y", "d", "update_display_data")) and not work.shows(shown("y", "e"))
    assert not work.shows(printed("x")) and not work.shows_display(None)
