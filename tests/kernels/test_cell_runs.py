"""Which run a cell shows."""

import asyncio

from jupyter_rtc.kernels.cell_runs import CellRuns

from .scripted import scripted
from .works import work_in
from .world import Notebook, until, world


def test_the_run_that_began_last_is_shown():
    notebook, runs = Notebook("one", "two"), CellRuns()
    first, second, other = work_in(notebook), work_in(notebook), work_in(notebook, "b")
    for work in (first, other, second, second):
        runs.begin(work)
    assert (first.superseded, second.superseded, other.superseded) == (True, False, False)
    assert (runs.shown(notebook.room, "a"), runs.shown(notebook.room, "c")) == (second, None)


def test_code_of_no_cell_supersedes_nothing():
    notebook, runs = Notebook("one"), CellRuns()
    works = [work_in(notebook, None), work_in(notebook, None)]
    for work in works:
        runs.begin(work)
    assert not any(work.superseded for work in works)


def test_a_cell_runs_until_none_of_its_runs_goes_on():
    notebook, runs = Notebook("one", "two"), CellRuns()
    first, second, other = work_in(notebook), work_in(notebook), work_in(notebook, "b")
    for work in (first, second, other):
        runs.add(work)
    assert [runs.end(work) for work in (second, other, first)] == [False, True, True]


def test_what_goes_on_is_known_for_each_cell_of_a_room():
    notebook, other, runs = Notebook("one", "two"), Notebook("one", room="json:notebook:other"), CellRuns()
    first, second, of_none = work_in(notebook), work_in(notebook, "b"), work_in(notebook, None)
    for work in (first, second, of_none, work_in(other)):
        runs.add(work)
    assert runs.going_on_in(notebook.room) == {"a": {first}, "b": {second}}
    runs.end(first)
    assert [runs.goes_on(notebook.room, name) for name in "ab"] == [False, True]


def test_a_cell_shows_the_run_that_began_last_also_when_it_has_ended():
    notebook, runs = Notebook("one"), CellRuns()
    first, second, waits = work_in(notebook), work_in(notebook), work_in(notebook)
    for work in (first, second):
        runs.begin(work)
    assert [runs.shows(work) for work in (first, second, waits)] == [False, True, False]


def test_a_cell_shows_the_end_of_the_run_that_began_last_whichever_ends_last_and_once():
    notebook, runs = Notebook("one", "two"), CellRuns()
    first, second, waits, other = work_in(notebook), work_in(notebook), work_in(notebook), work_in(notebook, "b")
    for work in (first, second, other):
        runs.begin(work)
    assert [runs.take_shown(work) for work in (first, waits, other)] == [second, waits, other]


def test_the_count_is_of_the_run_that_is_shown_in_whichever_order_two_kernels_end():
    async def story():
        gate = asyncio.Event()

        def counts(number):
            async def code(request):
                request.count = number
                request.say("execute_input", code=request.code, execution_count=number)
                request.prints(f"{number}")
                if number == 7:
                    await gate.wait()
                request.reply()
                request.idle()

            return code

        notebook = Notebook("code")
        async with (
            world(notebook) as w,
            scripted(w.here, "k", code=counts(7)),
            scripted(w.here, "k2", code=counts(77)),
        ):
            old = await w.run("a")
            await until(lambda: notebook.text("a") == "7")
            await w.ran("a", kernel="k2")
            gate.set()
            await w.ended(*old)
            assert (notebook.text("a"), notebook.count("a"), notebook.state("a")) == ("77", 77, "idle")

    asyncio.run(story())


def test_a_run_that_never_began_takes_no_count_from_the_one_that_is_shown():
    async def story():
        began, gate = asyncio.Event(), asyncio.Event()

        async def other(request):
            began.set()
            await gate.wait()
            request.reply()
            request.idle()

        notebook = Notebook("code", "other")
        async with world(notebook) as w, scripted(w.here, "k"), scripted(w.here, "k2", other=other):
            before = await w.run("b", kernel="k2")
            await began.wait()
            (waits,) = await w.run("a", kernel="k2")
            assert await w.ran("a") == ["ok"]
            assert w.kernels.cancel(waits.id)
            assert (notebook.text("a"), notebook.count("a"), notebook.state("a")) == ("code", 1, "idle")
            gate.set()
            await w.ended(*before)

    asyncio.run(story())


def test_a_cell_that_runs_in_another_kernel_meanwhile_shows_that_one():
    async def story():
        gates = {"k": asyncio.Event(), "k2": asyncio.Event()}

        def says(name):
            async def code(request):
                request.prints(f"{name}\n")
                await gates[name].wait()
                request.prints(f"{name} ends\n")
                request.reply()
                request.idle()

            return code

        notebook = Notebook("code")
        kernels = {"k": says("k"), "k2": says("k2")}
        async with (
            world(notebook) as w,
            scripted(w.here, "k", code=kernels["k"]),
            scripted(w.here, "k2", code=kernels["k2"]),
        ):
            old = await w.run("a")
            await until(lambda: notebook.text("a") == "k\n")
            new = await w.run("a", kernel="k2")
            await until(lambda: notebook.text("a") == "k2\n")
            gates["k"].set()
            await w.ended(*old)
            assert (notebook.text("a"), notebook.state("a"), notebook.count("a")) == ("k2\n", "running", None)
            gates["k2"].set()
            await w.ended(*new)
            assert (notebook.text("a"), notebook.state("a")) == ("k2\nk2 ends\n", "idle")

    asyncio.run(story())
