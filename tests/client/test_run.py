"""One run that was asked for."""

import asyncio

import pytest
from pycrdt import Array, Map, Text

from jupyter_rtc.errors import CellStale, RunFailed

from .hall import story


def record(hall, run):
    return hall.room.doc.get("executions", type=Map)[run.id]


def cell(hall, at=0):
    return hall.room.doc["cells"][at]


def show(hall, at, *outputs):
    with hall.edit():
        del cell(hall, at)["outputs"][:]
        cell(hall, at)["outputs"].extend([Map(one) for one in outputs])


async def asked(nb, hall, run):
    await nb.applied()
    return record(hall, run)


def end(hall, run, status, failure=None):
    with hall.edit():
        record(hall, run)["status"] = status
        record(hall, run)["failure"] = failure


def printed(text):
    return {"output_type": "stream", "name": "stdout", "text": text}


@story("print(1)")
async def test_a_run_is_a_record_that_names_the_cell_and_the_notebook_s_kernel(hall, nb):
    run = await nb.cells[0].run(silent=True)
    found = (await asked(nb, hall, run)).to_py()
    assert found == {"status": "requested", "cell_id": "c0", "kernel_id": "k", "options": {"silent": True}}
    assert run.status == "requested" and not run.ended and "requested" in repr(run)


@story("print(1)")
async def test_awaiting_a_run_returns_it_when_it_has_ended_well_or_not(hall, nb):
    run = await nb.cells[0].run()
    await asked(nb, hall, run)
    show(hall, 0, printed("1\n"))
    end(hall, run, "ok")
    assert (await run) is run and run.ok and run.text == "1\n" and run.check() is run
    run = await nb.cells[0].run()
    await asked(nb, hall, run)
    end(hall, run, "error", {"ename": "ValueError", "evalue": "no", "traceback": ["a"]})
    assert not (await run).ok
    with pytest.raises(RunFailed, match="ValueError: no") as caught:
        run.check()
    assert caught.value.traceback == ("a",)


@story("print(1)")
async def test_a_wait_that_is_given_up_gives_up_nothing_else(hall, nb):
    run = await nb.cells[0].run()
    await asked(nb, hall, run)
    with pytest.raises(TimeoutError):
        await run.wait(0.01)
    assert record(hall, run)["status"] == "requested"
    end(hall, run, "ok")
    assert (await run.wait()).ok


@story("print(1)")
async def test_outputs_come_while_it_runs(hall, nb):
    run = await nb.cells[0].run()
    await asked(nb, hall, run)
    seen = []

    async def read():
        async for output in run:
            seen.append(output["text"])  # noqa: PERF401  it is looked at meanwhile

    reading = asyncio.create_task(read())
    for text in ("a", "ab", "abc"):
        show(hall, 0, printed(text))
        await nb.until(lambda text=text: "".join(seen) == text)
    end(hall, run, "ok")
    await reading
    assert seen == ["a", "b", "c"]


@story("print(1)")
async def test_a_run_that_found_the_cell_changed_is_refused_with_what_it_says_now(hall, nb):
    seen = nb.cells[0].revision
    run = await nb.cells[0].run(expect=seen)
    assert (await asked(nb, hall, run))["source_hash"] == seen
    with hall.edit():
        cell(hall)["source"].insert(0, "# ")
    end(hall, run, "error", {"ename": "RunStale", "evalue": "The cell was changed.", "traceback": []})
    with pytest.raises(CellStale, match="was changed") as caught:
        await run
    assert caught.value.source == "# print(1)" and caught.value.revision == nb.cells[0].revision


@story("print(1)")
async def test_code_that_is_of_no_cell_shows_its_outputs_in_the_record(hall, nb):
    run = await nb.execute("1 + 1")
    assert (await asked(nb, hall, run))["code"] == "1 + 1"
    with hall.edit():
        record(hall, run)["displays"] = [printed("2")]
    end(hall, run, "ok")
    assert (await run).text == "2"


@story("print(1)")
async def test_code_that_is_of_no_cell_shows_its_outputs_as_they_come(hall, nb):
    run = await nb.execute("slow()")
    await asked(nb, hall, run)
    news = aiter(run)
    for text in ("1\n", "2\n"):
        with hall.edit():
            if text == "1\n":
                record(hall, run)["displays"] = Array([Map({**printed(""), "text": Text(text)})])
            else:
                shown = record(hall, run)["displays"][0]["text"]
                shown += text
        assert (await anext(news))["text"] == text
    assert run.text == "1\n2\n" and not run.ended
    end(hall, run, "ok")
    assert (await run).text == "1\n2\n"


@story("print(1)")
async def test_what_was_seen_last_stays_when_cell_and_record_go(hall, nb):
    run = await nb.cells[0].run()
    await asked(nb, hall, run)
    show(hall, 0, printed("1"))
    end(hall, run, "ok")
    assert (await run).text == "1"
    with hall.edit():
        del hall.room.doc["cells"][0]
        del hall.room.doc.get("executions", type=Map)[run.id]
    await nb.until(lambda: not len(nb.cells))
    assert run.ok and run.text == "1" and run.failure is None


@story("print(1)")
async def test_a_run_can_be_interrupted(hall, nb):
    run = await nb.cells[0].run()
    await run.interrupt()
    assert nb._transport.did == [("interrupt", "k")]
    await asked(nb, hall, run)
    end(hall, run, "aborted")
    await run
    await run.interrupt()
    assert len(nb._transport.did) == 1
    with pytest.raises(RunFailed, match="given up"):
        run.check()
