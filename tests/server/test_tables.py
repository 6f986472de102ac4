"""The tables of what the server has, and requests, in a real server over real websockets."""

import asyncio
import json

from .rig import running
from .tables import Viewer


def test_a_kernel_that_somebody_asks_for_is_seen_by_everybody(tmp_path):
    async def story():
        async with running(tmp_path) as server:
            jupyter = await Viewer(server, "jupyter").open()
            ana = await Viewer(server, "requests").open()
            ended = await ana.ask("kernels.start", name="python3")
            assert ended["status"] == "done", ended
            kernel_id = ended["result"]["id"]
            await jupyter.sees(lambda: kernel_id in jupyter.rows("kernels"), 1)
            await jupyter.sees(lambda: jupyter.rows("kernels")[kernel_id]["execution_state"] == "idle")
            row = jupyter.rows("kernels")[kernel_id]
            assert row["name"] == "python3" and row["generation"] == 0 and row["reason"] == ""
            seen = json.loads((await server.request("GET", f"api/kernels/{kernel_id}")).body)
            assert seen["execution_state"] == "idle"
            assert (await ana.ask("kernels.shutdown", kernel_id=kernel_id))["status"] == "done"
            await jupyter.sees(lambda: kernel_id not in jupyter.rows("kernels"), 1)

    asyncio.run(story())
