"""A kernel that is deleted over REST, itself or with its session, at whichever moment of a run: every cell ends."""

from __future__ import annotations

import asyncio
import os
import random

import pytest
from pycrdt import Map

from .rig import until
from .runs import Runner

ENDLESS = "print('begun', flush=True)\nimport time; time.sleep(600)"
DOORS = ("kernels", "sessions")
ROUNDS = int(os.environ.get("JUPYTER_RTC_ROUNDS", "6"))


async def delete(tab, door):
    name = tab.kernel if door == "kernels" else tab.jupyter_session
    answer = await tab.request("DELETE", f"api/{door}/{name}")
    assert answer.code == 204, answer.body


async def at_once(tab):
    """Not even the kernel answers yet."""
    await tab.run(0)
    await tab.run(1)


async def running(tab):
    """One cell runs, and others wait."""
    for index in range(3):
        await tab.run(index)
    await until(lambda: tab.text(0) == "begun\n")


async def asking(tab):
    """A cell waits for input."""
    await tab.run(2)
    await tab.run(1)
    await until(lambda: [one for one in tab.doc.get("inputs", type=Map).values() if one["status"] == "waiting"])


async def just_ended(tab):
    """Everything has ended just now."""
    await tab.run(1)
    await until(lambda: tab.status(1) == "ok")


SOURCES = (ENDLESS, "6 * 7", "input('Name: ')")


async def runs_in_a_new_kernel(tab):
    """Start another kernel, and run a cell in it."""
    await tab.start_kernel()
    await tab.run(1)
    await tab.ran(1)
    assert (tab.status(1), tab.cell(1)["execution_count"]) == ("ok", 1)
    assert tab.outputs(1)[-1]["data"] == {"text/plain": "42"}


def nothing_asks(tab):
    return all(one["status"] != "waiting" for one in tab.doc.get("inputs", type=Map).values())


@pytest.mark.parametrize(
    ("moment", "door"),
    [(at_once, "kernels"), (running, "sessions"), (asking, "kernels"), (just_ended, "sessions")],
    ids=lambda one: one if isinstance(one, str) else one.__name__,
)
def test_no_cell_goes_on_and_the_next_run_works(server, moment, door):
    async def story():
        tab = await Runner.open_new(server, *SOURCES, path=f"{moment.__name__}.ipynb")
        await moment(tab)
        await delete(tab, door)
        await until(lambda: tab.all_ended and nothing_asks(tab), 5)
        if moment in (running, asking):
            cut = 0 if moment is running else 2
            assert (tab.status(cut), tab.outputs(cut)[-1]["ename"]) == ("aborted", "KernelShutDown")
        answer = await tab.run(1, expect=404)
        assert "not running" in answer["message"]
        await runs_in_a_new_kernel(tab)
        await delete(tab, door)
        tab.hang_up()

    asyncio.run(story())


async def ask(tab, index):
    body = {"cell_id": tab.cell(index)["id"], "document_id": tab.document_id}
    return (await tab.request("POST", f"api/kernels/{tab.kernel}/execute", body)).code


async def at_random_moments(server, seed, rounds):
    print(f"seed {seed}")  # noqa: T201  shown beside a failed test
    chance = random.Random(seed)
    tab = await Runner.open_new(server, *SOURCES, path=f"random-{seed}.ipynb")
    for _ in range(rounds):
        order = [chance.choice((1, 1, 0, 2)) for _ in range(chance.randint(1, 6))]
        asking = asyncio.gather(*(ask(tab, index) for index in order))
        await asyncio.sleep(chance.choice((0, 0.02, 0.1, 0.5, 0.9)) * chance.random())
        deleting = asyncio.create_task(delete(tab, chance.choice(DOORS)))
        await asyncio.sleep(0.2 * chance.random())
        codes = [await ask(tab, 1), *await asking]
        await deleting
        assert set(codes) <= {202, 404}
        await until(lambda: tab.all_ended and nothing_asks(tab), 10)
        await runs_in_a_new_kernel(tab)
    await delete(tab, "sessions")
    tab.hang_up()


def test_at_some_random_moments(server):
    asyncio.run(at_random_moments(server, random.randrange(2**32), 2))


@pytest.mark.slow
def test_at_many_random_moments(server):
    asyncio.run(at_random_moments(server, random.randrange(2**32), ROUNDS))
