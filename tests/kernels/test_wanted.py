"""What somebody wants to be run."""

import asyncio

import pytest
from pycrdt import Array, Map

from jupyter_rtc.errors import KernelUnavailable, RunError, RunStale
from jupyter_rtc.kernels.run import Failure, Options
from jupyter_rtc.kernels.source_hash import source_hash
from jupyter_rtc.kernels.wanted import Wanted, code_of, is_as_expected, may_raise, show_refusal

from .scripted import scripted
from .world import Notebook, until, world


def test_a_cell_runs_as_it_says_or_as_who_asks_says():
    notebook = Notebook("1 + 1")
    assert code_of(notebook, Wanted("a")) == "1 + 1"
    assert code_of(notebook, Wanted("a", code="2 + 2")) == "2 + 2"
    assert code_of(notebook, Wanted(code="")) == ""


def test_what_cannot_be_run_is_refused_in_words():
    notebook = Notebook("1")
    with notebook.typing():
        notebook.cells.append(Map({"id": "m", "cell_type": "markdown"}))
    for wanted, words in ((Wanted(), "Say which"), (Wanted("x"), "no such cell"), (Wanted("m"), "Only code")):
        with pytest.raises(RunError, match=words):
            code_of(notebook, wanted)


def test_a_cell_that_was_changed_is_refused_with_what_it_says_now():
    notebook = Notebook("new")
    with pytest.raises(RunStale) as refused:
        code_of(notebook, Wanted("a", expected_hash=source_hash("old")))
    assert refused.value.source == "new"
    assert code_of(notebook, Wanted("a", expected_hash=source_hash("new"))) == "new"


def test_a_cell_is_as_expected_only_if_somebody_said_what_they_expect():
    notebook = Notebook("1")
    assert is_as_expected(notebook, Wanted("a", expected_hash=source_hash("1")))
    assert not is_as_expected(notebook, Wanted("a", expected_hash=source_hash("2")))
    assert not is_as_expected(notebook, Wanted("gone", expected_hash=source_hash("1")))
    assert not is_as_expected(notebook, Wanted("a"))


def test_the_cells_themselves_say_why_they_are_refused():
    notebook = Notebook("1", "2")
    show_refusal(notebook, [Wanted("a"), Wanted("gone"), Wanted(code="3")], Failure("Why", "because"))
    assert [one["evalue"] for one in notebook.outputs("a")] == ["because"]
    assert (notebook.state("a"), notebook.outputs("b")) == ("idle", [])


def test_a_cell_of_which_a_run_goes_on_shows_that_and_not_that_another_cannot_be():
    async def story():
        goes_on = asyncio.Event()

        async def slow(request):
            request.prints("one ")
            await goes_on.wait()
            request.prints("two")
            request.reply()
            request.idle()

        notebook = Notebook("slow", "2")
        async with world(notebook) as w, scripted(w.here, slow=slow):
            runs = await w.run("a", "b")
            await until(lambda: notebook.text("a") == "one ")
            with pytest.raises(KernelUnavailable):
                await w.run("a", "b", kernel="gone")
            assert (notebook.text("a"), notebook.outputs("b")) == ("one ", [])
            assert [notebook.state(cell) for cell in "ab"] == ["running", "running"]
            goes_on.set()
            await w.ended(*runs)
            assert (notebook.text("a"), notebook.text("b")) == ("one two", "2")

    asyncio.run(story())


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        (["x", "raises-exception"], True),
        (Array(["raises-exception"]), True),
        (["x"], False),
        ("raises-exception", False),
        (None, False),
        ([["raises-exception"]], False),
    ],
)
def test_an_error_is_expected_of_a_cell_that_is_tagged_so(tags, expected):
    notebook = Notebook("1")
    with notebook.typing():
        notebook.cell("a")["metadata"]["tags"] = tags
    assert may_raise(notebook, Wanted("a")) is expected
    assert may_raise(notebook, Wanted("a", code="2")) is expected
    assert not may_raise(notebook, Wanted("gone")) and not may_raise(notebook, Wanted(code="1"))


@pytest.mark.parametrize(
    ("tags", "options", "second"),
    [
        (["raises-exception"], None, "ok"),
        (["raises-exception"], Options(silent=True), "ok"),
        (["raises-exception"], Options(stop_on_error=True), "aborted"),
        ([], None, "aborted"),
    ],
)
def test_an_error_that_is_expected_stops_nothing_unless_who_asks_wants_it_to(tags, options, second):
    async def fails(request):
        stops.append(request.content["stop_on_error"])
        request.fails()
        request.idle()

    stops = []

    async def story():
        notebook = Notebook("fails", "2")
        with notebook.typing():
            notebook.cell("a")["metadata"]["tags"] = tags
        async with world(notebook) as here, scripted(here.here, fails=fails):
            assert await here.ran("a", "b", options=options) == ["error", second]
            assert stops == [second == "aborted"]
            shown = {one["cell_id"]: one["options"]["stop_on_error"] for one in notebook.records.values()}
            assert shown["a"] is (second == "aborted")

    asyncio.run(story())
