"""When a cell ran is in its metadata, where an administrator wants it, as JupyterLab records it."""

import asyncio
import json
from datetime import datetime

from .rig import running, until
from .runs import Runner

IN_ORDER = (
    "iopub.status.busy",
    "iopub.execute_input",
    "shell.execute_reply.started",
    "shell.execute_reply",
    "iopub.status.idle",
)


def test_the_metadata_of_a_cell_say_when_it_ran_also_in_the_file(tmp_path):
    async def story():
        async with running(tmp_path, "--JupyterRtc.record_timing=True") as server:
            ana = await Runner.open_new(server, "import time; time.sleep(0.2)", "2")
            await ana.run(0)
            await ana.ran(0)
            times = ana.cell(0)["metadata"]["execution"]
            assert sorted(times) == sorted(IN_ORDER)
            assert all(time.endswith("Z") for time in times.values()), "as JupyterLab itself records it"
            began, *_, ended = [datetime.fromisoformat(times[name]) for name in IN_ORDER]
            assert 0.2 <= (ended - began).total_seconds() < 10
            await until(lambda: ana.saved(0).get("metadata", {}).get("execution") == times)
            body = {"document_id": ana.document_id, "cells": [{"cell_id": "cell-1"}]}
            await ana.request("POST", f"api/kernels/{ana.kernel}/execute", body)
            await until(lambda: "execution" in ana.cell(1)["metadata"])

    asyncio.run(story())


def test_nothing_is_recorded_that_nobody_wants(tmp_path):
    async def story():
        async with running(tmp_path) as server:
            ana = await Runner.open_new(server, "1")
            await ana.run(0)
            await ana.ran(0)
            await until(lambda: ana.saved(0)["outputs"])
            assert "execution" not in json.dumps(ana.saved(0)["metadata"])

    asyncio.run(story())
