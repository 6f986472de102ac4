"""Consoles on the kernel of a notebook whose cells run on the server: each has its own outputs, nobody is stopped."""

from __future__ import annotations

import asyncio

import pytest
from pycrdt import Map

from .consoles import beside_the_server, over_the_websocket
from .rig import until
from .runs import Runner

WAYS = (over_the_websocket, beside_the_server)


async def replied(console, message_id):
    await until(lambda: [one for one in console.of(message_id) if one[0] == "execute_reply"])
    return next(content for kind, content in console.of(message_id) if kind == "execute_reply")


def printed(console, message_id):
    return "".join(content["text"] for kind, content in console.of(message_id) if kind == "stream")


def questions(tab):
    return [one["status"] for one in tab.doc.get("inputs", type=Map).values()]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_each_has_its_own_outputs(server, way):
    async def story():
        cells = [f"for n in range(30): print('cell', {number}, n, flush=True)" for number in range(4)]
        tab = await Runner.open_new(server, *cells, path=f"own-{way.__name__}.ipynb")
        await tab.run(0)
        await tab.ran(0)
        async with way(tab) as console:
            asked = []
            for index in range(4):
                await tab.run(index)
                asked.append(console.send(f"for n in range(30): print('console', {index}, n, flush=True)"))
            for index in range(4):
                await tab.ran(index)
                assert (await replied(console, asked[index]))["status"] == "ok"
            await until(lambda: all(printed(console, one).count("\n") == 30 for one in asked))
            for index in range(4):
                assert tab.status(index) == "ok"
                assert tab.text(index) == "".join(f"cell {index} {n}\n" for n in range(30))
                assert printed(console, asked[index]) == "".join(f"console {index} {n}\n" for n in range(30))
            counts = [tab.cell(index)["execution_count"] for index in range(4)]
            counts += [(await replied(console, one))["execution_count"] for one in asked]
            assert sorted(counts) == list(range(2, 10))
        await tab.request("DELETE", f"api/kernels/{tab.kernel}")

    asyncio.run(story())


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_an_error_in_the_console_stops_no_cell_though_the_kernel_gives_it_up(server, way):
    async def story():
        tab = await Runner.open_new(server, "print('first')", "print('second')", path=f"error-{way.__name__}.ipynb")
        await tab.run(0)
        await tab.ran(0)
        async with way(tab) as console:
            failing = console.send("import time; print('slow', flush=True); time.sleep(0.5); 1 / 0")
            own = console.send("'mine'")
            await until(lambda: printed(console, failing) == "slow\n")
            await tab.run(0)
            await tab.run(1)
            await tab.ran(0)
            await tab.ran(1)
            assert (await replied(console, failing))["ename"] == "ZeroDivisionError"
            assert (await replied(console, own))["status"] == "aborted", "the kernel gave up all that it had"
            assert [tab.status(0), tab.status(1)] == ["ok", "ok"]
            assert [tab.outputs(0), tab.outputs(1)] == [
                [{"output_type": "stream", "name": "stdout", "text": f"{word}\n"}] for word in ("first", "second")
            ]
        await tab.request("DELETE", f"api/kernels/{tab.kernel}")

    asyncio.run(story())


def test_what_a_console_asks_for_is_asked_of_the_console_and_cells_wait_meanwhile(server):
    async def story():
        tab = await Runner.open_new(server, "input('Mine? ')", "print('on')", path="input.ipynb")
        async with beside_the_server(tab) as console:
            asking = console.send("print(input('Whose? '))", allow_stdin=True)
            await until(lambda: [one for one in console.of(asking) if one[0] == "input_request"])
            await tab.run(1)
            await tab.run(0)
            await until(lambda: [tab.status(1), tab.status(0)] == ["queued"] * 2)
            assert tab.outputs(1) == [] and questions(tab) == []
            answer = await tab.request("POST", f"api/kernels/{tab.kernel}/input", {"input": "x"})
            assert answer.code == 404
            console.answer("the console's")
            await tab.ran(1)
            assert (tab.status(1), tab.text(1)) == ("ok", "on\n")
            assert (await replied(console, asking))["status"] == "ok"
            await until(lambda: printed(console, asking) == "the console's\n")
            await until(lambda: questions(tab) == ["waiting"])
            answer = await tab.request("POST", f"api/kernels/{tab.kernel}/input", {"input": "x"})
            assert answer.code == 201
            await tab.ran(0)
            assert len([one for one in console.heard if one["header"]["msg_type"] == "input_request"]) == 1
            assert tab.outputs(0)[-1]["data"] == {"text/plain": "'x'"}
        await tab.request("DELETE", f"api/kernels/{tab.kernel}")

    asyncio.run(story())
