"""Kernels on another server: a real kernel gateway, which this server reaches over HTTP and websockets."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from contextlib import asynccontextmanager

from tornado.httpclient import AsyncHTTPClient

from .rig import free_port, running, until
from .runs import Runner


@asynccontextmanager
async def gateway(folder):
    """A server that only runs kernels."""
    port = free_port()
    command = [sys.executable, "-m", "kernel_gateway", f"--port={port}", "--port_retries=0"]
    environment = {**os.environ, "JUPYTER_RUNTIME_DIR": str(folder), "JUPYTER_CONFIG_DIR": str(folder)}
    with (folder / "gateway.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=environment)
    address = f"http://127.0.0.1:{port}"

    async def answers() -> bool:
        try:
            return (await AsyncHTTPClient().fetch(f"{address}/api", raise_error=False)).code == 200
        except OSError:
            return False

    try:
        for _ in range(600):
            if await answers():
                break
            assert process.poll() is None, (folder / "gateway.log").read_text()[-2000:]
            await asyncio.sleep(0.05)
        yield address
    finally:
        process.terminate()
        process.wait(20)


def test_cells_run_on_another_server_s_kernels(tmp_path):
    async def story():
        (tmp_path / "gateway").mkdir()
        async with gateway(tmp_path / "gateway") as address, running(tmp_path, f"--gateway-url={address}") as server:
            ana = await Runner.open_new(
                server,
                "for n in range(300): print(n, flush=True)",
                "6 * 7",
                "name = input('Name: ')\nprint(name)",
                "import time; print('on'); time.sleep(60)",
                "'after'",
            )
            await ana.run(0)
            await ana.run(1)
            await ana.ran(1, 60)
            assert ana.text(0).split() == [str(n) for n in range(300)]
            assert ana.outputs(1)[0]["data"] == {"text/plain": "42"}
            await ana.run(2)
            await until(lambda: ana.outputs(2))
            answer = await ana.request("POST", f"api/kernels/{ana.kernel}/input", {"input": "from afar"})
            assert answer.code == 201
            await ana.ran(2)
            assert ana.text(2) == "from afar\n"
            await ana.run(3)
            await ana.run(4)
            await until(lambda: ana.text(3))
            await ana.act("interrupt")
            await ana.ran(3)
            await ana.ran(4)
            assert [ana.status(3), ana.status(4)] == ["error", "aborted"]
            await ana.act("restart")
            await ana.run(4)
            await ana.ran(4)
            assert ana.status(4) == "ok"
            assert ana.cell(4)["execution_count"] == 1

    asyncio.run(story())
