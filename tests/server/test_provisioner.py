"""Kernels that a provisioner starts, of which nobody here knows a process."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

from .rig import running, until
from .runs import Runner, code_notebook

PLUGINS = os.pathsep.join([str(Path(__file__).with_name("plugins")), os.environ.get("PYTHONPATH", "")])


def install(data: Path) -> None:
    """Install a kind of kernel that this provisioner starts."""
    folder = data / "kernels" / "far"
    folder.mkdir(parents=True)
    spec = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Far",
        "language": "python",
        "metadata": {"kernel_provisioner": {"provisioner_name": "far-provisioner"}},
    }
    (folder / "kernel.json").write_text(json.dumps(spec))


async def opened(server, *sources):
    (server.root / "a.ipynb").write_text(json.dumps(code_notebook(*sources)))
    tab = await Runner(server, "a.ipynb", "notebook", "ana").open()
    tab.asked = {}
    await tab.start_kernel("far")
    return tab


def test_cells_run_are_interrupted_and_survive_restarts_and_the_kernel_s_death(tmp_path):
    async def story():
        install(tmp_path / "data")
        async with running(tmp_path, PYTHONPATH=PLUGINS) as server:
            tab = await opened(
                server,
                "import os; print(os.environ['FAR'])",
                "print('begun', flush=True)\nimport time; time.sleep(600)",
                "import os; os._exit(1)",
                "print('again')",
            )
            await tab.run(0)
            await tab.ran(0)
            assert (tab.status(0), tab.text(0)) == ("ok", "yes\n")

            await tab.run(1)
            await until(lambda: tab.text(1) == "begun\n")
            await tab.act("interrupt")
            await tab.ran(1)
            assert tab.status(1) == "error" and tab.outputs(1)[-1]["ename"] == "KeyboardInterrupt"

            await tab.run(1)
            await until(lambda: (tab.status(1), tab.text(1)) == ("running", "begun\n"))
            await tab.act("restart")
            await tab.ran(1)
            assert (tab.status(1), tab.outputs(1)[-1]["ename"]) == ("aborted", "KernelShutDown")

            await tab.run(2)
            await tab.ran(2)
            assert tab.status(2) == "aborted"
            await tab.run(3)
            await tab.ran(3)
            assert (tab.status(3), tab.text(3)) == ("ok", "again\n"), (tab.outputs(3), tab.records)

            assert (await tab.request("DELETE", f"api/kernels/{tab.kernel}")).code == 204
            await tab.run(3, expect=404)

    asyncio.run(story())
