"""``input()`` and ``getpass()`` by real kernels, whoever is there."""

import asyncio
import json

from pycrdt import Map

from .rig import eventually, others_closed, running, until
from .runs import Runner

SECRET = "correct-horse-battery"


def questions(tab):
    return {key: one.to_py() for key, one in tab.doc.get("inputs", type=Map).items()}


def test_a_password_that_somebody_else_gives_is_nowhere_even_if_the_server_logs_everything(tmp_path):
    async def story():
        async with running(tmp_path, "--debug") as server:
            code = "from getpass import getpass\nkey = getpass('Key: ')\nprint(len(key), input('Name: '))"
            ana = await Runner.open_new(server, code)
            await ana.run(0)
            await until(lambda: questions(ana))
            (asked,) = questions(ana)
            ana.hang_up()
            bo = await ana.again()
            assert questions(bo)[asked]["status"] == "waiting" and questions(bo)[asked]["password"]
            address = f"api/kernels/{bo.kernel}/input"
            given = [server.request("POST", address, {"input": SECRET, "input_id": asked}) for _ in range(5)]
            codes = sorted(answer.code for answer in await asyncio.gather(*given))
            assert codes == [201, 409, 409, 409, 409]
            await until(lambda: len(questions(bo)) == 2)
            answer = await server.request("POST", address, {"input": "bo"})
            assert answer.code == 201
            await bo.ran(0)
            assert bo.text(0) == f"{len(SECRET)} bo\n"
            await until(lambda: bo.saved(0)["outputs"])
            await server.stop()
            places = [one for one in tmp_path.rglob("*") if one.is_file()]
            assert any(b"/input" in one.read_bytes() for one in places), "the log is among them"
            assert [one for one in places if SECRET.encode() in one.read_bytes()] == []

    asyncio.run(story())


async def username(tab):
    return json.loads((await tab.request("GET", "api/me")).body)["identity"]["username"]


def test_questions_wait_for_others_when_everybody_is_gone_for_long(tmp_path):
    async def story():
        async with running(tmp_path, "--YDocExtension.document_cleanup_delay=0.2") as server:
            code = "from getpass import getpass\nkey = getpass('Key: ')\nprint(len(key), input('Name: '))"
            ana = await Runner.open_new(server, code)
            await ana.run(0)
            await until(lambda: questions(ana))
            (first,) = questions(ana)
            ana.hang_up()
            await others_closed(server)
            bo = await ana.again("bo")
            assert questions(bo)[first]["status"] == "waiting" and bo.status(0) == "running"
            assert bo.cell(0)["execution_state"] == "running" and "answer at" in str(bo.outputs(0)[0]["data"])
            address = f"api/kernels/{bo.kernel}/input"
            assert (await bo.request("POST", address, {"input": SECRET, "input_id": first})).code == 201
            await until(lambda: len(questions(bo)) == 2)
            assert questions(bo)[first]["user"] == await username(bo) != await username(ana)
            bo.hang_up()
            await others_closed(server)
            cy = await ana.again("cy")
            (second,) = set(questions(cy)) - {first}
            assert [questions(cy)[one]["status"] for one in (first, second)] == ["answered", "waiting"]
            cookie = cy.cookie
            cy.hang_up()
            await others_closed(server)
            body = {"input": "cy", "input_id": second}
            assert (await server.request("POST", address, body, cookie)).code == 201, "nobody has the notebook open"
            await eventually(server, lambda status: status["rooms"] == [])
            assert "".join(ana.saved(0)["outputs"][-1]["text"]) == f"{len(SECRET)} cy\n"
            late = await ana.again("dan")
            assert (late.status(0), late.cell(0)["execution_state"]) == ("ok", "idle")
            assert questions(late)[second]["user"] == await username(cy)

    asyncio.run(story())


def test_a_server_that_is_killed_while_code_asks_takes_the_question_back(tmp_path):
    async def story():
        async with running(tmp_path) as server:
            ana = await Runner.open_new(server, "input('Name: ')")
            await ana.run(0)
            await until(lambda: questions(ana))
            (asked,) = questions(ana)
            await server.kill()
            await server.start()
            bo = await ana.again()
            await until(lambda: questions(bo)[asked]["status"] == "cancelled")
            assert bo.status(0) == "aborted"
            assert bo.outputs(0)[-1]["ename"] == "ServerStopped"
            answer = await server.request("POST", f"api/kernels/{bo.kernel}/input", {"input": "x", "input_id": asked})
            assert answer.code == 404

    asyncio.run(story())


def test_an_interrupt_takes_the_question_back_and_the_next_run_works(server):
    async def story():
        ana = await Runner.open_new(server, "input('Name: ')", "2", path="interrupted.ipynb")
        await ana.run(0)
        await until(lambda: questions(ana))
        (asked,) = questions(ana)
        await ana.act("interrupt")
        await ana.ran(0)
        assert questions(ana)[asked]["status"] == "cancelled"
        assert ana.status(0) == "error" and ana.outputs(0)[-1]["ename"] == "KeyboardInterrupt"
        await ana.run(1)
        await ana.ran(1)
        assert ana.status(1) == "ok"

    asyncio.run(story())
