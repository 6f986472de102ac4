"""The text that running code puts into the notebook."""

import asyncio

import pytest
from pycrdt import Map, Text

from jupyter_rtc.kernels import records
from jupyter_rtc.kernels.next_input import NextInput, next_input_in, put
from jupyter_rtc.kernels.run import Run
from jupyter_rtc.kernels.work import KERNEL

from .scripted import scripted
from .works import message
from .world import ROOM, Notebook, world


def answered(*payload):
    return message("execute_reply", channel="shell", status="ok", payload=list(payload))


def wants(text, **fields):
    return {"source": "set_next_input", "text": text, **fields}


def sources(notebook):
    return [str(cell["source"]) for cell in notebook.cells]


def put_into(notebook, text="new", code="one", cell_id="a", replaces=False):
    with notebook.edit(KERNEL):
        put(notebook.ydoc, Run(ROOM, "k", code, "ana", cell_id=cell_id), NextInput(text, replaces))


@pytest.mark.parametrize(
    ("payload", "wanted"),
    [
        ([wants("x")], NextInput("x", False)),
        ([wants("x", replace=True), wants("y")], NextInput("x", True)),
        ([{"source": "page", "text": "x"}, wants(7), "x", wants("\ud800")], NextInput("\ufffd", False)),
        ([{"source": "page"}, {}], None),
    ],
)
def test_the_first_that_the_answer_wants_counts(payload, wanted):
    assert next_input_in(answered(*payload)) == wanted


@pytest.mark.parametrize("payload", [None, 7, "x", {}])
def test_a_payload_that_is_none_wants_nothing(payload):
    assert next_input_in(message("execute_reply", channel="shell", payload=payload)) is None


def test_what_replaces_comes_into_the_cell_that_was_run_by_small_edits():
    notebook = Notebook("one two", "2")
    source = notebook.cell("a")["source"]
    put_into(notebook, "one 2 two", code="one two", replaces=True)
    assert sources(notebook) == ["one 2 two", "2"]
    assert str(source) == "one 2 two"


def test_what_does_not_replace_comes_into_a_new_cell_below():
    notebook = Notebook("one", "2")
    put_into(notebook)
    assert sources(notebook) == ["one", "new", "2"]
    new = notebook.cells[1].to_py()
    assert (new["cell_type"], new["outputs"], new["execution_count"], new["metadata"]) == ("code", [], None, {})
    assert len({cell["id"] for cell in notebook.cells}) == 3


def test_a_cell_that_was_changed_meanwhile_keeps_what_it_says():
    notebook = Notebook("one, typed", "2")
    put_into(notebook, replaces=True)
    assert sources(notebook) == ["one, typed", "new", "2"]


def test_a_cell_that_is_no_code_any_more_keeps_what_it_says():
    notebook = Notebook()
    with notebook.typing():
        notebook.cells.append(Map({"id": "a", "cell_type": "markdown", "source": Text("one")}))
    put_into(notebook, replaces=True)
    assert sources(notebook) == ["one", "new"]


@pytest.mark.parametrize("cell_id", ["gone", None])
def test_nothing_is_put_where_there_is_no_cell(cell_id):
    notebook = Notebook("one")
    put_into(notebook, cell_id=cell_id)
    assert sources(notebook) == ["one"]


def test_what_a_run_puts_into_the_notebook_is_there_once_and_in_the_change_that_shows_its_end():
    async def story():
        refused = iter((True, False))

        async def adds(request):
            if next(refused):
                request.reply("aborted", payload=[wants("too early")])
            else:
                request.reply(payload=[wants("added")])
            request.idle()

        async def loads(request):
            request.reply(payload=[wants("# %load\nloaded", replace=True)])
            request.idle()

        async def fails(request):
            request.reply("error", ename="E", evalue="", traceback=[], payload=[wants("no")])
            request.idle()

        notebook = Notebook("adds", "%load", "fails")
        seen, runs, cells = set(), records.executions(notebook.ydoc), notebook.cells

        def look(_):
            seen.update((record["status"], len(cells)) for record in runs.values())

        async with world(notebook) as w, scripted(w.here, adds=adds, fails=fails, **{"%load": loads}):
            looking = runs.observe_deep(look)
            assert await w.ran("a") == ["ok"]
            runs.unobserve(looking)
            assert seen == {("queued", 3), ("running", 3), ("ok", 4)}
            assert await w.ran("b", "c") == ["ok", "error"]
            assert sources(notebook) == ["adds", "added", "# %load\nloaded", "fails"]
            assert [notebook.state(cell_id) for cell_id in "abc"] == ["idle"] * 3

    asyncio.run(story())
