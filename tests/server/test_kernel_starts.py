"""Kernels that do not start, or not again: whoever asks for a run is told why within seconds, in the cell."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from itertools import count
from uuid import uuid4

import pytest
from pycrdt import Map

from .mortal import mortal_server
from .rig import until
from .runs import Runner

NUMBERS = count()
ENDLESS = "print('begun', flush=True)\nimport time; time.sleep(600)"
PID = "import os; print(os.getpid(), flush=True)"
PENDING = "--AsyncMultiKernelManager.use_pending_kernels=True"
"""The server names a kernel before it has started it."""


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    with mortal_server(tmp_path_factory.mktemp("server")) as found:
        yield found


@pytest.fixture(scope="module")
def pending(tmp_path_factory):
    with mortal_server(tmp_path_factory.mktemp("pending"), PENDING) as found:
        yield found


async def opened(server, kernel, *sources):
    """Open a new notebook with a kernel of this kind, if of any."""
    return await Runner.open_new(server, *sources, path=f"{next(NUMBERS)}.ipynb", kernel=kernel)


async def session(tab, kernel):
    body = {"path": tab.path, "type": "notebook", "name": "", "kernel": {"name": kernel}}
    return await tab.request("POST", "api/sessions", body)


def words(tab, index):
    (output,) = tab.outputs(index)
    assert output["output_type"] == "error"
    return f"{output['ename']}: {output['evalue']}"


def test_where_the_kind_of_kernel_is_not_installed_the_cell_says_that_no_kernel_runs(here):
    async def story():
        server, _, _ = here
        tab = await opened(server, "", "1", "2")
        answer = await session(tab, "never-installed")
        assert answer.code >= 400 and "never-installed" in json.loads(answer.body)["message"]
        asked = time.monotonic()
        tab.kernel = str(uuid4())
        answer = await tab.run(0, expect=404)
        assert "not running" in answer["message"]
        written = tab.ask_by_record(1)
        await until(lambda: tab.records[written]["status"] == "error" and tab.all_ended, 5)
        assert time.monotonic() - asked < 5
        for index in range(2):
            assert words(tab, index).startswith("KernelUnavailable: This kernel is not running.")
        assert tab.records[written]["failure"]["ename"] == "KernelUnavailable"

    asyncio.run(story())


@pytest.mark.parametrize("way", ["lose_program", "refuse", "end_at_once"])
@pytest.mark.parametrize("form", ["request", "record"])
def test_a_kernel_whose_start_fails_is_said_in_each_cell_that_waits_for_it(pending, way, form):
    async def story():
        server, local, far = pending
        kind = far if way == "refuse" else local
        getattr(kind, way)()
        try:
            tab = await opened(server, kind.name, "1", "2")
            bo = await tab.again()
            asked = time.monotonic()
            if form == "request":
                await tab.run(0)
                await bo.run(1)
            else:
                tab.ask_by_record(0)
                bo.ask_by_record(1, kernel_id=tab.kernel)
            await until(lambda: len(tab.records) == 2 and tab.all_ended, 5)
            assert time.monotonic() - asked < 5
            expected = (
                "DeadKernelError" if way == "end_at_once" else "KernelUnavailable: This kernel could not be started"
            )
            assert [words(tab, index).startswith(expected) for index in range(2)] == [True, True]
            assert "ok" not in {record["status"] for record in tab.records.values()}
        finally:
            kind.mend()
        while (await tab.request("DELETE", f"api/sessions/{tab.jupyter_session}")).code == 500:
            await asyncio.sleep(0.05)  # Jupyter cannot shut down a kernel that it is just about to start again
        await tab.start_kernel(kind.name)
        await tab.run(0)
        await tab.ran(0)
        assert tab.status(0) == "ok", tab.outputs(0)
        assert tab.outputs(0)[0]["data"] == {"text/plain": "1"}
        await tab.request("DELETE", f"api/sessions/{tab.jupyter_session}")

    asyncio.run(story())


# --- restarts ---------------------------------------------------------------------------------------------


async def restart(tab):
    return (await tab.request("POST", f"api/kernels/{tab.kernel}/restart", {})).code


def last_words(tab, index):
    return tab.outputs(index)[-1].get("evalue", "")


async def refused_in_words(tab, index):
    """Ask for a run in both ways; each time the cell says soon why it cannot be."""
    asked = time.monotonic()
    await tab.run(index)
    await tab.ran(index, 5)
    assert tab.status(index) == "error"
    assert tab.outputs(index)[-1]["ename"] == "KernelUnavailable" and "could not be started" in last_words(tab, index)
    written = tab.ask_by_record(index)
    await until(lambda: tab.records[written]["status"] == "error", 5)
    assert "could not be started" in tab.records[written]["failure"]["evalue"]
    await until(lambda: tab.cell(index)["execution_state"] == "idle", 5)
    assert time.monotonic() - asked < 5


@pytest.mark.parametrize("way", ["lose_program", "refuse"])
def test_a_restart_that_fails_ends_what_runs_and_waits_in_words_and_once_it_can_start_cells_run(here, way):
    async def story():
        server, local, far = here
        kind = local if way == "lose_program" else far
        tab = await opened(server, kind.name, ENDLESS, "2", "3")
        bo = await tab.again()
        await tab.run(0)
        await tab.run(1)
        await bo.run(2)
        await until(lambda: tab.text(0) == "begun\n")
        getattr(kind, way)()
        try:
            assert await restart(tab) == 500
            await until(lambda: tab.all_ended, 5)
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
        tab = await opened(server, local.name, PID, ENDLESS, "3")
        await tab.run(0)
        await tab.ran(0)
        await tab.run(1)
        await tab.run(2)
        await until(lambda: tab.text(1) == "begun\n")
        local.lose_program()
        try:
            os.kill(int(tab.text(0)), signal.SIGKILL)
            await until(lambda: tab.all_ended, 5)
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
        tab = await opened(server, local.name, PID, ENDLESS, "3")
        await tab.run(0)
        await tab.ran(0)
        os.kill(int(tab.text(0)), signal.SIGKILL)
        await until(lambda: tab.doc.get("kernels", type=Map)[tab.kernel]["generation"] == 1)
        await tab.run(1)
        await tab.run(2)
        await until(lambda: tab.text(1) == "begun\n")
        assert await generation_of(server, tab.kernel) == 1
        assert await restart(tab) == 200
        await until(lambda: tab.all_ended, 5)
        assert [tab.status(1), tab.status(2)] == ["aborted", "aborted"]
        assert tab.outputs(1)[-1]["ename"] == "KernelShutDown"
        assert await generation_of(server, tab.kernel) == 2
        await tab.run(2)
        await tab.ran(2)
        assert (tab.status(2), tab.cell(2)["execution_count"]) == ("ok", 1)
        await tab.request("DELETE", f"api/kernels/{tab.kernel}")

    asyncio.run(story())


def test_what_was_given_up_with_a_kernel_that_died_is_not_run_by_the_one_that_comes_after_it(here):
    async def story():
        server, local, _ = here
        tab = await opened(server, local.name, PID, "open('ghost', 'w')", "import time; time.sleep(0.3)")
        await tab.run(0)
        await tab.ran(0)
        os.kill(int(tab.text(0)), signal.SIGKILL)
        await tab.run(1)  # before anybody has seen that it is dead
        await tab.ran(1)

        async def is_back():
            answer = await tab.request("GET", f"api/kernels/{tab.kernel}")
            return json.loads(answer.body)["execution_state"] == "idle"

        while not await is_back():
            await asyncio.sleep(0.05)
        for _ in range(2):  # a socket dials again within 0.2 s: what waits in one comes while the first runs
            await tab.run(2)
            await tab.ran(2)
            assert tab.status(2) == "ok"
        assert (tab.status(1) == "ok") == (server.root / "ghost").exists(), tab.records

    asyncio.run(story())
