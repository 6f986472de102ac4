"""Culling of idle kernels: what runs is busy, and who looks at a notebook is connected to its kernel."""

from __future__ import annotations

import asyncio
import json
import time

from .rig import running, until
from .runs import Runner

CULL = ("--MappingKernelManager.cull_idle_timeout=1", "--MappingKernelManager.cull_interval=1")


async def kernels(server):
    return json.loads((await server.request("GET", "api/kernels")).body)


async def gone(server, seconds=30):
    end = time.monotonic() + seconds
    while await kernels(server):
        assert time.monotonic() < end, "it was not culled"
        await asyncio.sleep(0.1)


def test_a_kernel_whose_notebook_somebody_looks_at_is_not_culled_and_afterwards_it_is(tmp_path):
    async def story():
        async with running(tmp_path, *CULL) as server:
            tab = await Runner.open_new(server, "1")
            other = await tab.again()
            begun = time.monotonic()
            while time.monotonic() < begun + 5:
                (kernel,) = await kernels(server)
                await asyncio.sleep(0.1)
            assert kernel["connections"] == 2
            other.hang_up()
            tab.hang_up()
            await gone(server)
            assert "Culling 'idle' kernel" in server.log or "Culling 'starting' kernel" in server.log

    asyncio.run(story())


def test_a_kernel_that_runs_a_cell_is_not_culled_though_it_says_nothing_and_nobody_looks(tmp_path):
    async def story():
        async with running(tmp_path, *CULL) as server:
            tab = await Runner.open_new(server, "import time\nprint('begun')\ntime.sleep(6)\nprint('done')")
            await tab.run(0)
            await until(lambda: tab.text(0) == "begun\n")
            tab.hang_up()
            begun = time.monotonic()
            while time.monotonic() < begun + 5:
                (kernel,) = await kernels(server)
                assert kernel["execution_state"] == "busy" and kernel["connections"] == 0
                await asyncio.sleep(0.1)
            await gone(server)
            await until(lambda: ["".join(one["text"]) for one in tab.saved(0)["outputs"]] == ["begun\ndone\n"])

    asyncio.run(story())
