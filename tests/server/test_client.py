"""Programs in Python at a real server, with real kernels, and no browser at all."""

from __future__ import annotations

import asyncio
import json

import nbformat
import pytest
from pycrdt import Array

from jupyter_rtc.client import connect
from jupyter_rtc.datastore.shared_cells import shared_cell
from jupyter_rtc.errors import RequestFailed

from .rig import TOKEN, Tab, eventually, notebook, running, saved_sources, until
from .runs import code_notebook


def test_a_program_edits_runs_and_answers_and_the_file_has_it(server):
    async def story():
        (server.root / "edits.ipynb").write_text(json.dumps(code_notebook("print('hello')\n6 * 7")))
        async with connect(server.url(""), token=TOKEN) as rtc:
            nb = await rtc.notebook("edits.ipynb")
            run = await nb.cells[0].run()
            assert (await run).ok
            assert run.text == "hello\n42\n"
            asking = nb.cells.append("name = input('Who? ')\nprint('Hi', name)")
            run = await asking.run()
            question = await nb.next_input(timeout=30)
            assert question.prompt == "Who? "
            await question.answer("Ana")
            await run.wait(30)
            assert "Hi Ana\n" in run.text
            await nb.save()
        saved = json.loads((server.root / "edits.ipynb").read_text())["cells"]
        assert "".join(saved[1]["source"]).startswith("name = input")

    asyncio.run(story())


def test_a_program_asks_the_notebook_s_kernel_about_code(server):
    async def story():
        (server.root / "asks.ipynb").write_text(json.dumps(code_notebook("table = {'one': 1}")))
        async with connect(server.url(""), token=TOKEN) as rtc:
            nb = await rtc.notebook("asks.ipynb")
            with pytest.raises(RequestFailed, match="This notebook has no kernel"):
                await nb.complete("prin")
            await (await nb.cells[0].run())
            assert "keys" in [match.rpartition(".")[2] for match in await nb.complete("table.k")]
            assert "dict" in (await nb.request("inspect", code="table"))["data"]["text/plain"]
            assert (await nb.request("is_complete", code="for x in y:"))["status"] == "incomplete"
            with pytest.raises(RequestFailed, match="needs the argument 'code'"):
                await nb.request("inspect")

    asyncio.run(story())


def test_all_cells_run_as_one_batch_which_an_error_ends_and_nobody_else_s_run_divides(server):
    async def story():
        cells = ("import time; time.sleep(1); print('one')", "print('two')", "1 / 0", "print('never')")
        (server.root / "batch.ipynb").write_text(json.dumps(code_notebook(*cells, "order = globals().get('order', 0)")))
        async with connect(server.url(""), token=TOKEN) as ana, connect(server.url(""), token=TOKEN) as bo:
            nb, theirs = await ana.notebook("batch.ipynb"), await bo.notebook("batch.ipynb")
            await nb.start_kernel()
            runs = await nb.start_all()
            await nb.applied()
            other = await (await theirs.cells[4].run()).wait(60)
            with pytest.raises(TimeoutError):
                await nb.run_all(timeout=0.01)
            assert [run.status for run in runs] == ["ok", "ok", "error", "aborted", "aborted"]
            assert other.ok and other.record["execution_count"] == 4, "it came behind the three that ran"
            assert len({run.record["batch"] for run in runs}) == 1

    asyncio.run(story())


def test_the_server_s_tables_and_requests_go_on_after_it_was_killed_and_started_again(tmp_path):
    async def story():
        async with running(tmp_path) as server, connect(server.url(""), token=TOKEN) as rtc:
            before = await rtc.kernels.start("python3")
            await rtc.tables.until(lambda: before in rtc.tables.kernels, 20)
            await server.kill()
            await server.start()
            kernel = await rtc.kernels.start("python3")
            await until(lambda: kernel in rtc.tables.kernels and before not in rtc.tables.kernels)
            await rtc.kernels.shutdown(kernel)
            await until(lambda: kernel not in rtc.tables.kernels)

    asyncio.run(story())


async def met(server, rtc, path, *sources):
    """Return a notebook as a program has it, and as a person in a frontend has it."""
    (server.root / path).write_text(json.dumps(notebook(*sources)))
    nb = await rtc.notebook(path)
    return nb, await Tab(server, path, "notebook", "ana").open()


async def agreed(nb, tab, *sources):
    await until(lambda: tab.sources == [cell.source for cell in nb.cells] == list(sources))


def test_what_a_person_types_into_a_cell_in_the_moment_in_which_a_program_moves_it_is_there(server):
    async def story():
        async with connect(server.url(""), token=TOKEN) as rtc:
            nb, tab = await met(server, rtc, "typed-into.ipynb", "one\n", "two\n")
            nb.cells.move(nb.cells[0])
            tab.type_in_cell(0, "typed\n")  # neither has heard of the other: nothing was awaited in between
            await agreed(nb, tab, "two\n", "typed\none\n")
            await nb.save()
            assert saved_sources(server.root / "typed-into.ipynb") == ["two\n", "typed\none\n"]

    asyncio.run(story())


def test_what_a_program_writes_into_a_cell_in_the_moment_in_which_a_person_moves_it_is_there(server):
    async def story():
        async with connect(server.url(""), token=TOKEN) as rtc:
            nb, tab = await met(server, rtc, "written-into.ipynb", "one\n", "two\n")
            nb.cells[0].append("written\n")
            cells = tab.doc.get("cells", type=Array)
            with tab.doc.transaction():
                cell = cells[0].to_py()
                del cells[0]
                cells.append(shared_cell(cell))
            await agreed(nb, tab, "two\n", "one\nwritten\n")

    asyncio.run(story())


def test_a_cell_that_a_program_deletes_while_a_person_types_into_it_comes_back(server):
    async def story():
        async with connect(server.url(""), token=TOKEN) as rtc:
            nb, tab = await met(server, rtc, "deleted-in.ipynb", "one\n", "two\n")
            nb.cells[0].delete()
            tab.type_in_cell(0, "typed\n")
            await agreed(nb, tab, "typed\none\n", "two\n")

    asyncio.run(story())


def test_with_no_browser_a_program_does_all_of_a_day_s_work_and_leaves_nothing_behind(tmp_path):
    """Open, insert, run, answer, read, rename, close: the file is right, the room is freed, the kernel stays."""

    async def story():
        async with running(tmp_path, "--YDocExtension.document_cleanup_delay=0") as server:
            (server.root / "a.ipynb").write_text(json.dumps(code_notebook("who = input('Who? ')\nprint('Hi', who)")))
            async with connect(server.url(""), token=TOKEN) as rtc:
                nb = await rtc.notebook("a.ipynb")
                nb.cells.insert("answer = 6 * 7", before=nb.cells[0])
                shown = nb.cells.append("answer")
                runs = await nb.start_all()
                await (await nb.next_input(timeout=30)).answer("Ana")
                for run in runs:
                    await run.wait(30)
                assert [run.text for run in runs] == ["", "Who? Ana\nHi Ana\n", "42\n"]
                assert shown.outputs[0]["data"] == {"text/plain": "42"}
                await rtc.contents.rename("a.ipynb", "renamed.ipynb")
                await rtc.tables.until(lambda: [one["path"] for one in rtc.tables.sessions] == ["renamed.ipynb"], 20)
                assert nb.path == "renamed.ipynb"
                assert (await (await nb.cells.append("answer + 1").run())).text == "43\n", "in the same kernel"
                nb.cells[0].append("  # written after the rename")
                await nb.save()
                (kernel,) = rtc.tables.kernels.ids()
            assert not (server.root / "a.ipynb").exists()
            saved = nbformat.read(server.root / "renamed.ipynb", 4)
            nbformat.validate(saved)
            assert saved.cells[0].source == "answer = 6 * 7  # written after the rename"
            assert [cell.execution_count for cell in saved.cells] == [1, 2, 3, 4]
            await eventually(server, lambda status: not status["rooms"])
            (model,) = json.loads((await server.request("GET", "api/kernels")).body)
            assert (model["id"], model["execution_state"], model["connections"]) == (kernel, "idle", 0)

    asyncio.run(story())
