"""Cells that run on the server, by real kernels."""

from __future__ import annotations

import asyncio
import json
import random

from .rig import others_closed, running, saved_sources, until
from .runs import Runner, counting_until


def joined(output):
    return {**output, "text": "".join(output["text"])}


def test_a_cell_runs_and_its_outputs_are_in_the_document_and_in_the_file(server):
    async def story():
        ana = await Runner.open_new(server, "print('hello')\n6 * 7", path="hello.ipynb")
        await ana.run(0)
        await ana.ran(0)
        assert ana.text(0) == "hello\n"
        assert ana.outputs(0)[1]["data"] == {"text/plain": "42"}
        assert ana.cell(0)["execution_count"] == 1
        assert ana.status(0) == "ok"

        await until(lambda: len(ana.saved(0)["outputs"]) == 2)
        assert ana.saved(0)["execution_count"] == 1
        assert "executions" not in json.loads((server.root / "hello.ipynb").read_text())

    asyncio.run(story())


def test_what_was_typed_before_the_call_is_what_runs(server):
    async def story():
        ana = await Runner.open_new(server, "print(0)", path="typed.ipynb")
        for number in range(1, 20):
            source = ana.cell(0)["source"]
            with ana.doc.transaction():
                del source[:]
                source += f"print({number})"
            await ana.run(0)
            await ana.ran(0)
            assert ana.text(0) == f"{number}\n"

    asyncio.run(story())


def test_a_run_goes_on_without_anybody_and_is_there_when_somebody_else_comes(tmp_path):
    async def story():
        async with running(tmp_path, "--YDocExtension.document_cleanup_delay=0.5") as server:
            enough = tmp_path / "enough"
            ana = await Runner.open_new(server, counting_until(enough))
            await ana.run(0)
            await until(lambda: len(ana.text(0).splitlines()) > 5)
            ana.hang_up()
            seen = len(ana.text(0).splitlines())
            await others_closed(server)
            bo = await ana.again()
            assert bo.cell(0)["execution_state"] == "running"
            assert len(bo.text(0).splitlines()) > seen
            enough.touch()
            await bo.ran(0)
            numbers = bo.text(0).split()
            assert numbers == [str(n) for n in range(len(numbers))]
            await until(lambda: saved_text(bo, 0) == bo.text(0))
            assert bo.cell(0)["execution_count"] == 1

    asyncio.run(story())


def test_an_error_stops_the_cells_behind_it_and_the_next_run_works(server):
    async def story():
        ana = await Runner.open_new(
            server, "import time; time.sleep(0.3); 1", "1 / 0", "print('never')", "2", path="stops.ipynb"
        )
        await ana.run_all()
        for index in range(4):
            await ana.ran(index)
        assert [ana.status(index) for index in range(4)] == ["ok", "error", "aborted", "aborted"]
        assert ana.outputs(1)[0]["ename"] == "ZeroDivisionError"
        assert ana.outputs(2) == []
        await ana.run(3)
        await ana.ran(3)
        assert ana.status(3) == "ok"

    asyncio.run(story())


def test_run_all_runs_the_cells_in_their_order_in_whichever_order_the_requests_come(server):
    async def story():
        sources = [f"print({number})" for number in range(12)]
        sources[8] = "1 / 0"
        ana = await Runner.open_new(server, *sources, path="all.ipynb")
        bo = await ana.again()
        await ana.run(0)
        await ana.ran(0)
        made_at, order = 1_700_000_000_000, list(range(1, 12))
        random.Random(7).shuffle(order)
        asked = [asyncio.create_task(ana.run(number, made_at=made_at + number // 4)) for number in order]
        asked.append(asyncio.create_task(bo.run(0)))
        await asyncio.gather(*asked)
        for number in range(12):
            await ana.ran(number)
        assert [ana.status(number) for number in range(12)] == ["ok"] * 8 + ["error"] + ["aborted"] * 3
        counts = [int(ana.cell(number)["execution_count"]) for number in range(1, 9)]
        assert counts == list(range(counts[0], counts[0] + 8))

        await ana.run(9, made_at=made_at + 2)  # a request of the same moment that took its time
        await ana.ran(9)
        assert ana.status(9) == "aborted"
        await ana.run(9, made_at=made_at + 5000)
        await ana.ran(9)
        assert ana.status(9) == "ok"

    asyncio.run(story())


def test_twenty_thousand_lines_are_all_there_and_the_next_cell_runs(tmp_path):
    async def story():
        async with running(tmp_path, "--JupyterRtc.store_durability=normal") as server:
            ana = await Runner.open_new(server, "for n in range(20_000): print(n, flush=True)", "1")
            await ana.run(0)
            await ana.run(1)
            await ana.ran(1, 60)
            expected = "".join(f"{number}\n" for number in range(20_000))
            await until(lambda: "".join(joined(one)["text"] for one in ana.saved(0)["outputs"]) == expected)
            # Jupyter's own view of the kernel misses nothing either: with a dropped ``idle`` it would stay busy.
            kernel = json.loads((await ana.request("GET", f"api/kernels/{ana.kernel}")).body)
            assert kernel["execution_state"] == "idle"

    asyncio.run(story())


LATE = """import asyncio

async def later(name):
    for number in range(3):
        await asyncio.sleep(0.2)
        print(name, number)

tasks = [asyncio.create_task(later("a"))]
print("now")"""


def test_what_a_task_prints_after_its_cell_has_ended_comes_into_that_cell_and_its_file(server):
    async def story():
        ana = await Runner.open_new(server, LATE, "await asyncio.sleep(0.3); print('other')", path="late.ipynb")
        bo = await ana.again("bo")
        await ana.run(0)
        await ana.ran(0)
        await ana.run(1)
        await ana.ran(1)
        expected = "now\na 0\na 1\na 2\n"
        await until(lambda: ana.text(0) == bo.text(0) == expected)
        assert (ana.text(1), ana.status(0), ana.cell(0)["execution_state"]) == ("other\n", "ok", "idle")
        await until(lambda: saved_text(ana, 0) == expected)

    asyncio.run(story())


HALF = """import os, time
os.write(1, b"half \\xe2\\x98")
time.sleep(0.4)
os.write(1, b"\\x83 whole\\n")
time.sleep(0.4)"""


def test_characters_that_come_in_halves_are_as_the_kernel_tells_them_and_the_next_cell_runs(tmp_path, monkeypatch):
    async def story():
        monkeypatch.delenv("PYTEST_CURRENT_TEST")  # ipykernel reads nothing that is written past Python, if it knows
        async with running(tmp_path) as server:
            ana = await Runner.open_new(server, HALF, "print('next')")
            for index in (0, 1):
                await ana.run(index)
                await ana.ran(index)
            assert ana.text(0).replace("\N{REPLACEMENT CHARACTER}", "") == "half  whole\n"
            assert ana.text(1) == "next\n"
            await until(lambda: saved_text(ana, 0) == ana.text(0) and saved_text(ana, 1) == "next\n")

    asyncio.run(story())


def saved_text(tab, index):
    return "".join("".join(one["text"]) for one in tab.saved(index)["outputs"])


def test_input_is_answered_by_somebody_else_and_by_one_only(server):
    async def story():
        ana = await Runner.open_new(server, "name = input('Name: ')\nprint('got', name)", path="input.ipynb")
        await ana.run(0)
        await until(lambda: ana.outputs(0))
        assert "answer at /rtc/input/" in ana.outputs(0)[0]["data"]["text/plain"]
        ana.hang_up()
        bo = await ana.again()
        address = f"api/kernels/{bo.kernel}/input"
        answers = await asyncio.gather(*(server.request("POST", address, {"input": word}) for word in ("x", "y")))
        assert sorted(answer.code for answer in answers) == [201, 404]
        await bo.ran(0)
        given = next(word for word, answer in zip("xy", answers, strict=True) if answer.code == 201)
        assert bo.text(0) == f"got {given}\n"
        assert bo.outputs(0)[0]["data"] == {"text/plain": f"Name: {given}"}

    asyncio.run(story())


def test_a_password_is_in_no_document_store_log_or_file(tmp_path):
    async def story():
        async with running(tmp_path) as server:
            ana = await Runner.open_new(server, "from getpass import getpass\nprint(len(getpass('Key: ')))")
            await ana.run(0)
            await until(lambda: ana.outputs(0))
            secret = "correct-horse-battery"
            answer = await server.request("POST", f"api/kernels/{ana.kernel}/input", {"input": secret})
            assert answer.code == 201
            await ana.ran(0)
            assert ana.text(0) == f"{len(secret)}\n"
            await until(lambda: saved_sources(server.root / "a.ipynb"))
            await server.stop()
            places = [one for one in tmp_path.rglob("*") if one.is_file()]
            assert len(places) > 5
            assert [one for one in places if secret.encode() in one.read_bytes()] == []

    asyncio.run(story())


def test_a_server_that_is_killed_keeps_what_was_seen_and_says_why_the_run_ended(tmp_path):
    async def story():
        async with running(tmp_path) as server:
            code = "import time\nfor n in range(1000):\n    print(n)\n    time.sleep(0.02)"
            ana = await Runner.open_new(server, code, "2")
            await ana.run(0)
            await ana.run(1)
            await until(lambda: len(ana.text(0).splitlines()) > 20)
            await server.kill()
            seen = ana.text(0)
            await server.start()
            bo = await ana.again()
            await until(lambda: bo.status(0) == "aborted")
            assert bo.text(0).startswith(seen)
            assert bo.cell(0)["execution_state"] == "idle"
            record = next(one for one in bo.records.values() if one["cell_id"] == "cell-0")
            assert "server ended" in record["failure"]["evalue"]
            assert bo.outputs(0)[-1]["ename"] == "ServerStopped"
            assert bo.status(1) == "aborted"

    asyncio.run(story())


def test_a_request_that_cannot_be_is_refused_in_words(server):
    async def story():
        ana = await Runner.open_new(server, "1", path="refused.ipynb")
        document = {"document_id": ana.document_id}
        cases = [
            ({**document, "cell_id": "nowhere"}, 400, "no such cell"),
            ({**document}, 400, "cell_id"),
            ({"cell_id": "cell-0"}, 400, "document_id"),
            ({"cell_id": "cell-0", "document_id": "text:file:1"}, 400, "must name a notebook"),
            ({"cell_id": "cell-0", "document_id": "json:notebook:nowhere"}, 404, "not known"),
            ({**document, "cells": []}, 400, "not empty"),
            ({**document, "cells": [{"cell_id": "cell-0", "source_hash": "1"}]}, 409, "changed"),
        ]
        for body, status, words in cases:
            answer = await server.request("POST", f"api/kernels/{ana.kernel}/execute", body)
            assert answer.code == status, (body, answer.body)
            assert words in json.loads(answer.body)["message"]
        await ana.server.request("DELETE", f"api/kernels/{ana.kernel}")
        await ana.run(0, expect=404)
        await until(lambda: ana.outputs(0))
        assert "not running" in ana.outputs(0)[0]["evalue"]

    asyncio.run(story())


def test_code_of_no_notebook_runs_and_belongs_to_who_asked_and_can_be_interrupted(server):
    async def story():
        kernel = json.loads((await server.request("POST", "api/kernels", {"name": "python3"})).body)["id"]

        async def ask(code):
            answer = await server.request("POST", f"api/kernels/{kernel}/execute", {"code": code})
            assert answer.code == 202, answer.body
            return json.loads(answer.body)["request_url"].lstrip("/")

        async def ended(address):
            while (answer := await server.request("GET", address)).code == 202:
                await asyncio.sleep(0.02)
            return json.loads(answer.body)

        first = await ended(await ask("n = 6 * 7\nprint(n)"))
        assert (first["status"], first["execution_count"], first["document_path"]) == ("ok", 1, None)
        assert json.loads(first["outputs"])[0]["text"] == "42\n"
        long = await ask("print('begun', flush=True)\nimport time\ntime.sleep(600)")
        while "begun" not in json.loads((await server.request("GET", long)).body)["outputs"]:
            await asyncio.sleep(0.02)
        assert (await server.request("DELETE", long)).code == 204
        interrupted = await ended(long)
        assert (interrupted["status"], interrupted["ename"]) == ("error", "KeyboardInterrupt")
        asked = await ask("input('Age: ')")
        while (answer := await server.request("GET", asked)).code == 202:
            await asyncio.sleep(0.02)
        assert (answer.code, json.loads(answer.body)["input_request"]["prompt"]) == (300, "Age: ")
        await server.request("POST", f"api/kernels/{kernel}/input", {"input": "7"})
        assert json.loads((await ended(asked))["outputs"])[0]["data"]["text/plain"] == "'7'"

    asyncio.run(story())


def test_what_is_too_large_to_share_is_complete_in_the_file_and_stays_so(tmp_path):
    code = (
        "print('x' * 99 + '\\n', end='')\nfor n in range(30_000): print(n, 'y' * 93)\n"
        "display({'text/plain': 'picture', 'image/png': 'A' * 12_000_000}, raw=True)\nprint('end')"
    )

    async def story():
        async with running(tmp_path, "--YDocExtension.document_cleanup_delay=0.5") as server:
            ana = await Runner.open_new(server, code)
            await ana.run(0)
            await ana.ran(0, 60)
            stream, picture, end = ana.outputs(0)
            assert len(stream["text"]) < 1.1 * 2**20
            assert set(picture["data"]) == {"text/plain", "text/html"}
            assert end["text"] == "end\n"
            left_out = picture["metadata"]["jupyter_rtc"]["left_out"]
            answer = await ana.request("GET", left_out.lstrip("/"))
            assert (answer.code, len(answer.body) > 12_000_000) == (200, True)

            def complete(typed):
                cell = ana.saved(0)
                if len(cell["outputs"]) < 3 or not "".join(cell["source"]).startswith(typed):
                    return False
                lines = joined(cell["outputs"][0])["text"].splitlines()
                whole = len(lines) == 30_001 and lines[-1].startswith("29999 ")
                return whole and "image/png" in cell["outputs"][1]["data"]

            await until(lambda: complete(""))
            ana.type_in_cell(0, "# ")
            await until(lambda: complete("# "))
            await server.kill()
            await server.start()
            bo = await ana.again()
            assert "jupyter_rtc" in bo.outputs(0)[1]["metadata"]
            bo.type_in_cell(0, "# ")
            await until(lambda: complete("# # "))
            answer = await bo.request("GET", left_out.replace(left_out[-10:], "0000000000").lstrip("/"))
            assert answer.code == 404

    asyncio.run(story())
