"""Runs that are asked for by writing a record."""

import asyncio

import pytest
from pycrdt import Map

from jupyter_rtc.documents import Author
from jupyter_rtc.kernels import records

from .scripted import scripted
from .world import Notebook, until, world


def ask(notebook, run_id="r", user="ana", may=True, **fields):
    with notebook.typing_as(user, may):
        records.executions(notebook.ydoc)[run_id] = Map({"status": "requested", **fields})


async def ended(notebook, run_id="r"):
    await until(lambda: notebook.records[run_id]["status"] in ("ok", "error", "aborted"), what=f"the end of {run_id}")
    return notebook.records[run_id]


def test_a_record_runs_its_cell_for_whoever_wrote_it_whatever_it_says():
    async def story():
        notebook = Notebook("1")
        async with world(notebook) as here, scripted(here.here) as kernel:
            ask(notebook, cell_id="a", user="bo")
            record = await ended(notebook)
            assert (record["status"], record["user"], record["kernel_id"]) == ("ok", "bo", "k")
            assert kernel.requests == ["1"] and notebook.text("a") == "1"

            ask(notebook, "forged", cell_id="a", user="bo", execution_count=99, failure={"ename": "x"})
            records.executions(notebook.ydoc)["forged"]["user"] = "ana"
            record = await ended(notebook, "forged")
            assert (record["user"], int(record["execution_count"]), record["failure"]) == ("bo", 2, None)

    asyncio.run(story())


def test_code_of_no_cell_leaves_its_displays_in_the_record():
    async def story():
        notebook = Notebook("1")
        async with world(notebook) as here, scripted(here.here):
            ask(notebook, code="words")
            record = await ended(notebook)
            assert record["displays"][0]["text"] == "words"
            assert notebook.outputs("a") == []

    asyncio.run(story())


def test_who_may_not_run_code_is_told_so_in_the_record():
    async def story():
        notebook = Notebook("1")
        async with world(notebook) as here, scripted(here.here) as kernel:
            ask(notebook, cell_id="a", may=False)
            record = await ended(notebook)
            assert record["status"] == "error"
            assert "may not run code" in record["failure"]["evalue"]
            assert kernel.requests == []

    asyncio.run(story())


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"cell_id": "nowhere"}, "no such cell"),
        ({"cell_id": 7}, "is a text"),
        ({}, "Say which cell"),
        ({"cell_id": "a", "kernel_id": "gone"}, "not running"),
        ({"cell_id": "a", "options": {"quickly": True}}, "options of a run are"),
        ({"cell_id": "a", "source_hash": "1"}, "changed meanwhile"),
    ],
)
def test_what_cannot_be_run_ends_as_an_error_in_words(fields, words):
    async def story():
        notebook = Notebook("1")
        async with world(notebook) as here, scripted(here.here) as kernel:
            ask(notebook, **fields)
            record = await ended(notebook)
            assert record["status"] == "error"
            assert words in record["failure"]["evalue"]
            assert kernel.requests == []

    asyncio.run(story())


def test_what_the_server_itself_writes_and_what_is_done_already_asks_for_nothing():
    async def story():
        notebook = Notebook("1")
        async with world(notebook) as here, scripted(here.here) as kernel:
            with notebook.typing_as("ana"):
                records.executions(notebook.ydoc)["done"] = Map({"status": "ok", "cell_id": "a"})
            assert await here.ran("a") == ["ok"]
            assert kernel.requests == ["1"]
            assert notebook.records["done"] == {"status": "ok", "cell_id": "a"}

    asyncio.run(story())


def test_records_of_one_change_run_in_the_order_of_their_cells():
    async def story():
        notebook = Notebook(*map(str, range(12)))
        async with world(notebook) as here, scripted(here.here) as kernel:
            with notebook.typing_as("ana"):
                for number, cell in enumerate(notebook.cells):
                    record = Map({"status": "requested", "cell_id": cell["id"]})
                    records.executions(notebook.ydoc)[f"r{number}"] = record
            for number in range(12):
                await ended(notebook, f"r{number}")
            assert kernel.requests == [str(number) for number in range(12)]

    asyncio.run(story())


def test_a_run_that_is_known_is_not_asked_for_again_by_a_record_of_its_name():
    async def story():
        notebook = Notebook("gate", "2")
        gate = asyncio.Event()

        async def waits(request):
            await gate.wait()
            request.reply()
            request.idle()

        async with world(notebook) as here, scripted(here.here, gate=waits) as kernel:
            ask(notebook, "first", cell_id="a")
            await until(lambda: kernel.requests)
            runs = await here.run("b")
            for run_id in ("first", runs[0].id):
                with notebook.typing():
                    del records.executions(notebook.ydoc)[run_id]
                ask(notebook, run_id, user="bo", cell_id="b")
                await until(lambda run_id=run_id: "was asked for already" in str(notebook.records[run_id]))
            gate.set()
            await here.ended(*runs)
            await until(lambda: notebook.records["first"]["status"] == "ok")
            assert kernel.requests == ["gate", "2"]
            assert (notebook.records["first"]["status"], notebook.records["first"]["user"]) == ("ok", "ana")

    asyncio.run(story())


def test_who_cannot_be_asked_for_permission_has_not_given_it(caplog):
    async def may():
        raise OSError("the authorizer is not there")

    async def story():
        notebook = Notebook("1")
        async with world(notebook) as here, scripted(here.here) as kernel:
            with notebook.typing_as("ana"):
                notebook.author = Author("ana", lambda *_: may())
                records.executions(notebook.ydoc)["r"] = Map({"status": "requested", "cell_id": "a"})
            record = await ended(notebook)
            assert "defect" in record["failure"]["evalue"]
            assert kernel.requests == []

    asyncio.run(story())
    assert "authorizer is not there" in caplog.text


def test_a_record_that_is_deleted_before_its_turn_or_in_the_middle_stops_nothing():
    async def story():
        notebook = Notebook("1", "2")
        async with world(notebook) as here, scripted(here.here) as kernel:
            ask(notebook, "early", cell_id="a")
            with notebook.typing():
                del records.executions(notebook.ydoc)["early"]
            ask(notebook, "refused", may=False)
            await asyncio.sleep(0)
            with notebook.typing():
                records.executions(notebook.ydoc).clear()
            ask(notebook, "last", cell_id="b")
            assert (await ended(notebook, "last"))["status"] == "ok"
            assert kernel.requests[-1] == "2"

    asyncio.run(story())


def ask_together(notebook, user="ana", **cells):
    with notebook.typing_as(user):
        for run_id, cell_id in cells.items():
            records.executions(notebook.ydoc)[run_id] = Map({"status": "requested", "cell_id": cell_id})


def test_the_records_of_one_change_are_a_batch_that_nobody_s_run_divides():
    async def story():
        notebook = Notebook("1", "2", "3", "other")
        async with world(notebook) as here, scripted(here.here) as kernel:
            ask_together(notebook, z="a", y="b", x="c")
            ask(notebook, "bo's", user="bo", cell_id="d")
            for run_id in ("z", "y", "x", "bo's"):
                await ended(notebook, run_id)
            assert kernel.requests == ["1", "2", "3", "other"]
            batches = [notebook.records[run_id]["batch"] for run_id in ("x", "y", "z", "bo's")]
            assert len(set(batches[:3])) == 1 and batches[3] not in batches[:3]

    asyncio.run(story())


def test_one_of_them_that_cannot_be_run_keeps_the_others_from_nothing():
    async def story():
        notebook = Notebook("1", "2")
        async with world(notebook) as here, scripted(here.here) as kernel:
            ask_together(notebook, x="a", y="no such cell", z="b")
            for run_id in ("x", "y", "z"):
                await ended(notebook, run_id)
            assert [notebook.records[run_id]["status"] for run_id in ("x", "y", "z")] == ["ok", "error", "ok"]
            assert kernel.requests == ["1", "2"]

    asyncio.run(story())
