"""What cells say, and by whose hand, while a request to run them waits."""

import asyncio

import pytest
from pycrdt import Text

from jupyter_rtc.errors import RunError
from jupyter_rtc.kernels.kernels import Asker, Wanted
from jupyter_rtc.kernels.texts import Texts, TypedInto

from .scripted import scripted
from .world import ROOM, Notebook, shared_cell, until, world

ANA, BO, EVE = ("ana", True), ("bo", True), ("eve", False)
"""Who asks; another who may run code; and one who may only edit."""


def types(notebook, who, text, cell_id="a"):
    with notebook.typing_as(*who):
        source = notebook.cell(cell_id)["source"]
        source.insert(len(source), text)


def said_after(*typed):
    """Return what is to be run of a cell that said 1, and into which these type while it waits."""
    notebook = Notebook("1")
    with Texts(notebook, "ana", ["a", None]) as texts:
        for who, text in typed:
            types(notebook, who, text)
        asyncio.run(texts.settle())
        return texts.of("a", str(notebook.cell("a")["source"]))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ([], "1"),
        ([(ANA, "2"), (ANA, "3")], "123"),
        ([(ANA, "2"), (BO, "3")], "123"),
        ([(EVE, "evil")], "1"),
        ([(ANA, "2"), (BO, "3"), (EVE, "evil"), (EVE, "!")], "123"),
    ],
)
def test_what_is_run_is_what_those_typed_who_may_run_code(typed, said):
    assert said_after(*typed) == said


@pytest.mark.parametrize("who", [ANA, BO])
def test_a_cell_that_who_may_changed_after_who_may_not_is_not_run(who):
    with pytest.raises(TypedInto, match="may not run code") as refused:
        said_after((EVE, "evil"), (who, "2"))
    assert (refused.value.cell_id, refused.value.source) == ("a", "1evil2")


def test_what_the_server_itself_writes_is_run():
    notebook = Notebook("1")
    with Texts(notebook, "ana", ["a"]) as texts:
        with notebook.edit("disk"):
            notebook.cell("a")["source"] += "2"
        asyncio.run(texts.settle())
        assert texts.of("a", "12") == "12"


def replace(notebook):
    del notebook.cells[0]
    notebook.cells.insert(0, shared_cell("a", "evil"))


def put_before(notebook):
    notebook.cells.insert(0, shared_cell("a", "evil"))


def set_source(notebook):
    notebook.cells[0]["source"] = Text("evil")


def rename(notebook):
    notebook.cells[0]["id"] = "b"
    notebook.cells[1]["id"] = "a"


@pytest.mark.parametrize("change", [replace, put_before, set_source, rename])
def test_a_cell_can_be_changed_in_many_ways(change):
    notebook = Notebook("1", "evil")
    with Texts(notebook, "ana", ["a"]) as texts:
        with notebook.typing_as(*EVE):
            change(notebook)
        asyncio.run(texts.settle())
        assert texts.of("a", "evil") == "1"


def test_what_does_not_touch_the_text_is_no_change_of_it():
    notebook = Notebook("1", "2")
    with Texts(notebook, "ana", ["a"]) as texts:
        types(notebook, EVE, "evil", "b")
        with notebook.typing_as(*EVE):
            notebook.cell("a")["metadata"]["x"] = 1
            notebook.cells.append(shared_cell("c", "3"))
        types(notebook, ANA, "2")
        asyncio.run(texts.settle())
        assert texts.of("a", "12") == "12"
        assert texts.of("unknown", "x") == "x"


@pytest.mark.parametrize(("who", "runs"), [(ANA, True), (EVE, False)])
def test_a_cell_that_comes_while_it_is_waited_for_runs_if_who_may_run_code_brings_it(who, runs):
    notebook = Notebook()
    with Texts(notebook, "ana", ["new"]) as texts:
        with notebook.typing_as(*who):
            notebook.cells.append(shared_cell("new", "1"))
        asyncio.run(texts.settle())
        if runs:
            assert texts.of("new", "1") == "1"
        else:
            with pytest.raises(TypedInto):
                texts.of("new", "1")


def test_it_looks_no_longer_than_it_is_asked_to():
    notebook = Notebook("1")
    with Texts(notebook, "ana", ["a"]) as texts:
        pass
    types(notebook, EVE, "evil")
    assert texts.of("a", "now") == "now"


async def by_request(w):
    (run,) = await w.run("a")
    return run


async def in_a_burst(w):
    return await w.kernels.run_with_others("k", ROOM, Wanted("a"), Asker("ana"), None, 5000.0)


@pytest.mark.parametrize("ask", [by_request, in_a_burst])
def test_a_cell_runs_as_its_author_had_typed_it_and_not_as_who_may_not_run_code_changes_it_then(ask):
    async def story():
        notebook, typed = Notebook("1"), []

        async def catch_up(username):
            for who, text in typed:
                types(notebook, who, text)
                await asyncio.sleep(0)

        notebook.catch_up = catch_up
        async with world(notebook) as w, scripted(w.here) as kernel:
            typed[:] = [(ANA, "2"), (EVE, "evil")]
            run = await ask(w)
            await w.ended(run)
            assert (run.code, kernel.requests) == ("12", ["12"])
            assert (notebook.records[run.id]["code"], str(notebook.cell("a")["source"])) == ("12", "12evil")

    asyncio.run(story())


@pytest.mark.parametrize("ask", [by_request, in_a_burst])
def test_a_cell_that_cannot_be_run_because_of_that_says_so_itself(ask):
    async def story():
        notebook = Notebook("1")

        async def catch_up(username):
            types(notebook, EVE, "evil")
            types(notebook, ANA, "2")

        notebook.catch_up = catch_up
        async with world(notebook) as w, scripted(w.here) as kernel:
            with pytest.raises(RunError, match="may not run code"):
                await ask(w)
            assert kernel.requests == [] and notebook.records == {}
            assert ["may not run code" in one["evalue"] for one in notebook.outputs("a")] == [True]
            await w.given_back()

    asyncio.run(story())


def test_one_that_joins_others_that_wait_already_is_looked_at_too():
    async def story():
        notebook, waiting, go = Notebook("1", "2"), asyncio.Event(), asyncio.Event()

        async def catch_up(username):
            waiting.set()
            await go.wait()

        def ask(cell_id):
            asking = w.kernels.run_with_others("k", ROOM, Wanted(cell_id), Asker("ana"), None, 5000.0)
            return asyncio.create_task(asking)

        notebook.catch_up = catch_up
        async with world(notebook) as w, scripted(w.here) as kernel:
            first = ask("a")
            await waiting.wait()
            second = ask("b")
            await asyncio.sleep(0)
            types(notebook, EVE, "evil", "b")
            go.set()
            runs = await asyncio.gather(first, second)
            await w.ended(*runs)
            await until(lambda: kernel.requests == ["1", "2"])

    asyncio.run(story())
