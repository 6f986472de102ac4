"""Culling of idle kernels: what runs is busy, and who looks at a notebook is connected to its kernel."""

from __future__ import annotations

import asyncio
import json
import time

import pytest

from .rig import eventually, running, until
from .runs import Runner

CULL = ("--MappingKernelManager.cull_idle_timeout=1", "--MappingKernelManager.cull_interval=1", "--debug")
LOOKS = "for kernels idle > 1 seconds"
"""What the log says each second, when Jupyter looks which kernel is idle."""


async def kernels(server):
    return json.loads((await server.request("GET", "api/kernels")).body)


async def gone(server, seconds=30):
    end = time.monotonic() + seconds
    while await kernels(server):
        assert time.monotonic() < end, "it was not culled"
        await asyncio.sleep(0.1)


async def not_culled(server):
    """Give what is told of the kernel, again and again, until Jupyter has looked often enough to have culled it."""
    activity, before = "", 0
    while server.log.count(LOOKS) - before < 4:  # at the third it would be idle for long enough
        (kernel,) = await kernels(server)
        if kernel["last_activity"] != activity:
            activity, before = kernel["last_activity"], server.log.count(LOOKS)
        yield kernel
        await asyncio.sleep(0.1)


def silent_until(go):
    """Return code that says nothing between its beginning and its end, until this file is there."""
    return f"import os, time\nprint('begun')\nwhile not os.path.exists({str(go)!r}): time.sleep(0.05)\nprint('done')"


def test_a_kernel_whose_notebook_somebody_looks_at_is_not_culled_and_afterwards_it_is(tmp_path):
    async def story():
        async with running(tmp_path, *CULL) as server:
            tab = await Runner.open_new(server, "1")
            other = await tab.again()
            async for kernel in not_culled(server):
                told = kernel
            assert told["connections"] == 2
            other.hang_up()
            tab.hang_up()
            await gone(server)
            assert "Culling 'idle' kernel" in server.log or "Culling 'starting' kernel" in server.log

    asyncio.run(story())


def test_a_kernel_that_runs_a_cell_is_not_culled_though_it_says_nothing_and_nobody_looks(tmp_path):
    async def story():
        async with running(tmp_path, *CULL) as server:
            tab = await Runner.open_new(server, silent_until(tmp_path / "go"))
            await tab.run(0)
            await until(lambda: tab.text(0) == "begun\n")
            tab.hang_up()
            while (await kernels(server))[0]["connections"]:  # the server hears in its own time that nobody looks
                await asyncio.sleep(0.02)
            async for kernel in not_culled(server):
                assert kernel["execution_state"] == "busy" and kernel["connections"] == 0
            (tmp_path / "go").touch()
            await gone(server)
            await until(lambda: ["".join(one["text"]) for one in tab.saved(0)["outputs"]] == ["begun\ndone\n"])

    asyncio.run(story())


@pytest.mark.slow
def test_where_notebooks_are_closed_soon_looking_and_running_keep_a_kernel_all_the_same(tmp_path):
    async def story():
        async with running(tmp_path, *CULL, "--YDocExtension.document_cleanup_delay=0.2") as server:
            tab = await Runner.open_new(server, silent_until(tmp_path / "go"))
            while (await kernels(server))[0]["connections"] == 0:  # who looks is counted a moment after the start
                await asyncio.sleep(0.02)
            async for kernel in not_culled(server):
                assert kernel["connections"] == 1
            await tab.run(0)
            await until(lambda: tab.text(0) == "begun\n")
            tab.hang_up()
            while (await kernels(server))[0]["connections"]:
                await asyncio.sleep(0.02)
            async for kernel in not_culled(server):
                assert (kernel["execution_state"], kernel["connections"]) == ("busy", 0)
            (tmp_path / "go").touch()
            await eventually(server, lambda status: status["rooms"] == [])
            assert ["".join(one["text"]) for one in tab.saved(0)["outputs"]] == ["begun\ndone\n"]
            await gone(server)
            late = await tab.again()
            assert late.status(0) == "ok"
            await late.run(0, expect=404)

    asyncio.run(story())
