"""Restarts of real kernels that fail, that come close after each other, and what the cells say of them."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from itertools import count

import pytest
from pycrdt import Map

from .mortal import mortal_server
from .rig import until
from .runs import Runner

NUMBERS = count()
ENDLESS = "print('begun', flush=True)\nimport time; time.sleep(600)"
PID = "import os; print(os.getpid(), flush=True)"


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    with mortal_server(tmp_path_factory.mktemp("server")) as found:
        yield found


async def opened(server, kind, *sources):
    """Open a new notebook with a kernel of this kind."""
    return await Runner.open_new(server, *sources, path=f"{next(NUMBERS)}.ipynb", kernel=kind.name)


async def restart(tab):
    return (await tab.request("POST", f"api/kernels/{tab.kernel}/restart", {})).code


def all_ended(tab):
    return all(one["status"] in ("ok", "error", "aborted") for one in tab.records.values()) and all(
        cell["execution_state"] == "idle" for cell in tab.cells
    )


def last_words(tab, index):
    return tab.outputs(index)[-1].get("evalue", "")


async def refused_in_words(tab, index):
    """Ask for a run in both ways; each time the cell says soon why it cannot be."""
    asked = time.monotonic()
    await tab.run(index)
    await tab.ran(index, 5)
    assert tab.status(index) == "error"
    assert tab.outputs(index)[-1]["ename"] == "KernelUnavailable" and "could not be started" in last_words(tab, index)
    written = f"written-{next(NUMBERS)}"
    tab.doc.get("executions", type=Map)[written] = Map({"status": "requested", "cell_id": tab.cell(index)["id"]})
    await until(lambda: tab.records[written]["status"] == "error", 5)
    assert "could not be started" in tab.records[written]["failure"]["evalue"]
    await until(lambda: tab.cell(index)["execution_state"] == "idle", 5)
    assert time.monotonic() - asked < 5


@pytest.mark.parametrize("way", ["lose_program", "refuse"])
def test_a_restart_that_fails_ends_what_runs_and_waits_in_words_and_once_it_can_start_cells_run(here, way):
    async def story():
        server, local, far = here
        kind = local if way == "lose_program" else far
        tab = await opened(server, kind, ENDLESS, "2", "3")
        bo = await tab.again()
        await tab.run(0)
        await tab.run(1)
        await bo.run(2)
        await until(lambda: tab.text(0) == "begun\n")
        getattr(kind, way)()
        try:
            assert await restart(tab) == 500
            await until(lambda: all_ended(tab), 5)
            assert [tab.status(index) for index in range(3)] == ["aborted"] * 3
            for index in range(3):
                assert tab.outputs(index)[-1]["ename"] == "KernelShutDown"
                assert "did not start again" in last_words(tab, index)
            assert tab.doc.get("kernels", type=Map)[tab.kernel]["execution_state"] == "dead"
            await refused_in_words(tab, 1)
            assert await restart(tab) == 500
            await refused_in_words(bo, 2)
        finally:
            kind.mend()
        assert await restart(tab) == 200
        await tab.run(1)
        await tab.ran(1, 20)
        assert (tab.status(1), tab.cell(1)["execution_count"]) == ("ok", 1)
        assert tab.outputs(1)[0]["data"] == {"text/plain": "2"}
        await tab.request("DELETE", f"api/kernels/{tab.kernel}")

    asyncio.run(story())


def test_a_kernel_that_dies_and_cannot_be_started_again_is_given_up_in_words(here):
    async def story():
        server, local, _ = here
        tab = await opened(server, local, PID, ENDLESS, "3")
        await tab.run(0)
        await tab.ran(0)
        await tab.run(1)
        await tab.run(2)
        await until(lambda: tab.text(1) == "begun\n")
        local.lose_program()
        try:
            os.kill(int(tab.text(0)), signal.SIGKILL)
            await until(lambda: all_ended(tab), 5)
            assert [tab.status(index) for index in range(3)] == ["ok", "aborted", "aborted"]
            for index in (1, 2):
                assert tab.outputs(index)[-1]["ename"] == "DeadKernelError"
            await until(lambda: tab.doc.get("kernels", type=Map)[tab.kernel]["execution_state"] == "dead", 5)
            await refused_in_words(tab, 2)
            assert (await tab.request("DELETE", f"api/kernels/{tab.kernel}")).code == 204
            answer = await tab.run(2, expect=404)
            assert "not running" in answer["message"]
        finally:
            local.mend()

    asyncio.run(story())


async def generation_of(server, kernel):
    return next(one["generation"] for one in (await server.status())["kernels"] if one["kernel"] == kernel)


def test_a_restart_by_hand_just_after_the_kernel_came_back_by_itself_is_one_more_restart(here):
    async def story():
        server, local, _ = here
        tab = await opened(server, local, PID, ENDLESS, "3")
        await tab.run(0)
        await tab.ran(0)
        os.kill(int(tab.text(0)), signal.SIGKILL)
        await until(lambda: tab.doc.get("kernels", type=Map)[tab.kernel]["generation"] == 1)
        await tab.run(1)
        await tab.run(2)
        await until(lambda: tab.text(1) == "begun\n")
        assert await generation_of(server, tab.kernel) == 1
        assert await restart(tab) == 200
        await until(lambda: all_ended(tab), 5)
        assert [tab.status(1), tab.status(2)] == ["aborted", "aborted"]
        assert tab.outputs(1)[-1]["ename"] == "KernelShutDown"
        assert await generation_of(server, tab.kernel) == 2
        await tab.run(2)
        await tab.ran(2)
        assert (tab.status(2), tab.cell(2)["execution_count"]) == ("ok", 1)
        await tab.request("DELETE", f"api/kernels/{tab.kernel}")

    asyncio.run(story())
