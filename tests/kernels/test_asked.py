"""Runs that are asked for by writing a record."""

import asyncio

import pytest
from pycrdt import Array, Map

from jupyter_rtc.datastore.left_out import reference_in, whole
from jupyter_rtc.documents import Author
from jupyter_rtc.ids import RoomId
from jupyter_rtc.kernels import records
from jupyter_rtc.kernels.left_aside import LeftAside

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


@pytest.mark.parametrize("odd", [{}, [], 1.5, b"bytes"])
def test_what_is_no_name_of_a_cell_is_refused_and_keeps_no_other_record_from_its_run(odd):
    async def story():
        notebook = Notebook("1")
        async with world(notebook) as here, scripted(here.here):
            with notebook.typing_as():
                for name, cell_id in (("odd", odd), ("r", "a")):
                    record = Map({"status": "requested", "cell_id": cell_id, "kernel_id": "k"})
                    records.executions(notebook.ydoc)[name] = record
            assert (await ended(notebook))["status"] == "ok"
            assert (await ended(notebook, "odd"))["status"] == "error"

    asyncio.run(story())


def test_a_notebook_can_be_opened_whatever_somebody_has_put_into_its_records():
    async def story():
        notebook = Notebook("1")
        with notebook.typing():
            records.executions(notebook.ydoc)["odd"] = Map({"status": {}, "cell_id": []})
        async with world(notebook) as here, scripted(here.here):
            assert await here.ran("a") == ["ok"]
            del records.executions(notebook.ydoc)["odd"]

    asyncio.run(story())


def test_records_in_a_long_notebook_cost_what_they_are(monkeypatch):
    async def story():
        notebook, looked, look = Notebook(*("1" for _ in range(200))), [], Array.__getitem__
        last = notebook.cells[199]["id"]
        async with world(notebook) as here, scripted(here.here):
            monkeypatch.setattr(Array, "__getitem__", lambda array, at: looked.append(1) or look(array, at))
            for number in range(100):
                ask(notebook, f"r{number}", cell_id=last)
            assert len(looked) <= 200 + 5 * 100
            await ended(notebook, "r99")

    asyncio.run(story())


def _change_record(notebook):
    records.executions(notebook.ydoc)["r"].update({"code": "evil"})


def _change_cell(notebook):
    source = notebook.cell("a")["source"]
    source.clear()
    source += "evil"


@pytest.mark.parametrize(
    ("change", "fields"),
    [(_change_record, {"code": "1"}), (_change_record, {"cell_id": "a"}), (_change_cell, {"cell_id": "a"})],
)
def test_what_others_change_after_the_record_has_come_is_not_run_for_who_asked(change, fields):
    async def story():
        gate = asyncio.Event()

        async def may(action, resource):
            await gate.wait()  # an authorizer that asks another service
            return True

        notebook = Notebook("1")
        async with world(notebook) as here, scripted(here.here) as kernel:
            notebook.author = Author("ana", may)
            with notebook.typing():
                records.executions(notebook.ydoc)["r"] = Map({"status": "requested", **fields})
            with notebook.typing_as("eve", may=False):
                change(notebook)
            gate.set()
            await ended(notebook)
            assert kernel.requests == ["1"]

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


async def in_parts(request):
    for number in range(3):
        request.prints(f"{number}\n")
        await request.kernel.answers.get()
    request.reply()
    request.idle()


def displayed(notebook, run_id="r"):
    return "".join(one["text"] for one in notebook.records[run_id].get("displays") or [])


def test_code_of_no_cell_shows_its_displays_as_they_come_and_appends_to_them():
    async def story():
        notebook = Notebook("1")
        async with world(notebook) as here, scripted(here.here, parts=in_parts) as kernel:
            ask(notebook, code="parts")
            for number in range(3):
                await until(lambda number=number: displayed(notebook) == "".join(f"{n}\n" for n in range(number + 1)))
                assert notebook.records["r"]["status"] == "running"
                before = notebook.ydoc.get_state()
                kernel.answers.put_nowait("")
            await ended(notebook)
            assert displayed(notebook) == "0\n1\n2\n"
            assert len(notebook.ydoc.get_update(before)) < 500

    asyncio.run(story())


def test_what_code_of_no_cell_prints_after_its_end_comes_into_its_record_as_long_as_that_is_there():
    async def story():
        async def late(request):
            request.prints("early\n")
            request.reply()
            request.idle()
            while await request.kernel.answers.get():
                request.prints("late\n")

        notebook = Notebook("1", "2")
        async with world(notebook) as here, scripted(here.here, late=late) as kernel:
            ask(notebook, code="late")
            await ended(notebook)
            assert displayed(notebook) == "early\n"
            kernel.answers.put_nowait("more")
            await until(lambda: displayed(notebook) == "early\nlate\n")
            with notebook.typing():
                del records.executions(notebook.ydoc)["r"]
            kernel.answers.put_nowait("more")
            kernel.answers.put_nowait("")
            assert await here.ran("b") == ["ok"]
            await here.given_back()
            assert "r" not in notebook.records and here.notices == []

    asyncio.run(story())


def test_what_code_of_no_cell_prints_is_shared_up_to_the_limits_and_the_rest_is_kept(tmp_path):
    async def story():
        async def much(request):
            request.prints("".join(f"{number}\n" for number in range(2000)))
            request.shows("y" * 5000)
            request.reply()
            request.idle()

        notebook, aside = Notebook("1"), LeftAside(tmp_path)
        sizes = {"max_stream_bytes": 1000, "max_output_bytes": 1000}
        async with world(notebook, aside=aside, **sizes) as here, scripted(here.here, much=much):
            ask(notebook, code="much")
            await ended(notebook)
            stream, picture = notebook.records["r"]["displays"]
            assert len(stream["text"]) < 1200
            (complete,) = whole(stream, aside.fetch(notebook.room, reference_in(stream)))
            assert complete["text"].splitlines() == [str(number) for number in range(2000)]
            assert len(str(picture)) < 2000
            assert len(aside.fetch(notebook.room, reference_in(picture))) > 5000
            here.kernels.detach(notebook)
            assert aside.fetch(notebook.room, reference_in(picture)), "what a record refers to is kept"
            here.kernels.attach(notebook)

    asyncio.run(story())


def test_where_nothing_can_be_kept_what_is_too_large_is_cut_and_says_so(tmp_path):
    async def story():
        async def much(request):
            request.prints(("x" * 99 + "\n") * 50)
            request.shows("y" * 5000)
            request.reply()
            request.idle()

        room = RoomId("server:requests:ana")
        notebook = Notebook(room=room)
        sizes = {"max_stream_bytes": 1000, "max_output_bytes": 1000}
        async with world(notebook, aside=LeftAside(tmp_path), **sizes) as here, scripted(here.here, much=much):
            run = await here.run_code("much", room=room)
            await here.ended(run)
            stream, picture = notebook.records[run.id]["displays"]
            assert "4,000 characters are left out here, and not kept" in stream["text"]
            assert "not kept" in picture["data"]["text/plain"] and "href" not in str(picture)
            assert len(str(stream)) + len(str(picture)) < 3000 and list(tmp_path.iterdir()) == []

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
