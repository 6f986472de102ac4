"""Programs in Python at a real server, with real kernels, and no browser at all."""

from __future__ import annotations

import asyncio
import json

import pytest

from jupyter_rtc.client import connect
from jupyter_rtc.errors import RequestFailed

from .rig import TOKEN, running, until
from .runs import code_notebook


def test_a_program_edits_runs_and_answers_and_the_file_has_it(tmp_path):
    async def story():
        async with running(tmp_path) as server:
            (server.root / "a.ipynb").write_text(json.dumps(code_notebook("print('hello')\n6 * 7")))
            async with connect(server.url(""), token=TOKEN) as rtc:
                nb = await rtc.notebook("a.ipynb")
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
            saved = json.loads((server.root / "a.ipynb").read_text())["cells"]
            assert "".join(saved[1]["source"]).startswith("name = input")

    asyncio.run(story())


def test_a_program_asks_the_notebook_s_kernel_about_code(tmp_path):
    async def story():
        async with running(tmp_path) as server:
            (server.root / "a.ipynb").write_text(json.dumps(code_notebook("table = {'one': 1}")))
            async with connect(server.url(""), token=TOKEN) as rtc:
                nb = await rtc.notebook("a.ipynb")
                with pytest.raises(RequestFailed, match="This notebook has no kernel"):
                    await nb.complete("prin")
                await (await nb.cells[0].run())
                assert "keys" in [match.rpartition(".")[2] for match in await nb.complete("table.k")]
                assert "dict" in (await nb.request("inspect", code="table"))["data"]["text/plain"]
                assert (await nb.request("is_complete", code="for x in y:"))["status"] == "incomplete"
                with pytest.raises(RequestFailed, match="needs the argument 'code'"):
                    await nb.request("inspect")

    asyncio.run(story())


def test_all_cells_run_as_one_batch_which_an_error_ends_and_nobody_else_s_run_divides(tmp_path):
    async def story():
        async with running(tmp_path) as server:
            cells = ("import time; time.sleep(1); print('one')", "print('two')", "1 / 0", "print('never')")
            (server.root / "a.ipynb").write_text(json.dumps(code_notebook(*cells, "order = globals().get('order', 0)")))
            async with connect(server.url(""), token=TOKEN) as ana, connect(server.url(""), token=TOKEN) as bo:
                nb, theirs = await ana.notebook("a.ipynb"), await bo.notebook("a.ipynb")
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
