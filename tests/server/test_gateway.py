"""Kernels on another server: a real kernel gateway, which this server reaches over HTTP and websockets."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from tornado.httpclient import AsyncHTTPClient

from tests.ports import free_port

from .mortal import Mortal
from .rig import standing, until
from .runs import Runner


@contextmanager
def gateway(folder):
    """A server that only runs kernels."""
    port = free_port()
    options = (f"--port={port}", "--port_retries=0", "--KernelRestarter.time_to_dead=0.5")
    command = [sys.executable, "-m", "kernel_gateway", *options]
    places = {f"JUPYTER_{what}_DIR": str(folder) for what in ("RUNTIME", "CONFIG", "DATA")}
    environment = {**os.environ, **places, "JUPYTER_PLATFORM_DIRS": "0"}
    with (folder / "gateway.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=environment)
    address = f"http://127.0.0.1:{port}"

    async def answers() -> bool:
        try:
            return (await AsyncHTTPClient().fetch(f"{address}/api", raise_error=False)).code == 200
        except OSError:
            return False

    async def ready() -> None:
        for _ in range(600):
            if await answers():
                break
            assert process.poll() is None, (folder / "gateway.log").read_text()[-2000:]
            await asyncio.sleep(0.05)

    try:
        asyncio.run(ready())
        yield address
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """A server whose kernels are on another one, and a kind of kernel there that can be kept from starting."""
    folder, far = tmp_path_factory.mktemp("server"), tmp_path_factory.mktemp("gateway")
    mortal = Mortal(far, "mortal", None)
    with gateway(far) as address, standing(folder, f"--gateway-url={address}") as server:
        yield server, mortal


ENDLESS = "print('begun', flush=True)\nimport time; time.sleep(600)"


def test_a_restart_that_fails_over_there_ends_all_in_words_until_one_succeeds(here):
    async def story():
        server, mortal = here
        ana = await Runner.open_new(server, ENDLESS, "2", path="mortal.ipynb", kernel="mortal")
        await ana.run(0)
        await ana.run(1)
        await until(lambda: ana.text(0) == "begun\n")
        mortal.lose_program()
        restart = f"api/kernels/{ana.kernel}/restart"
        assert (await ana.request("POST", restart, {})).code == 500
        await until(lambda: ana.all_ended, 5)
        assert [ana.outputs(index)[-1]["ename"] for index in range(2)] == ["KernelShutDown"] * 2
        await ana.run(1)
        await ana.ran(1, 5)
        assert (ana.status(1), ana.outputs(1)[-1]["ename"]) == ("error", "KernelUnavailable")
        mortal.mend()
        assert (await ana.request("POST", restart, {})).code == 200
        await ana.run(1)
        await ana.ran(1)
        assert (ana.status(1), ana.cell(1)["execution_count"]) == ("ok", 1)

    asyncio.run(story())


def test_a_restart_just_after_the_kernel_came_back_by_itself_over_there_is_one_more_restart(here):
    async def story():
        server, _ = here
        ana = await Runner.open_new(server, "import os; os._exit(1)", ENDLESS, "3", path="twice.ipynb")
        await ana.run(0)
        await ana.ran(0)
        assert ana.outputs(0)[-1]["ename"] == "DeadKernelError"
        await ana.run(1)
        await ana.run(2)
        await until(lambda: ana.text(1) == "begun\n")
        await ana.act("restart")
        await until(lambda: ana.all_ended, 5)
        assert [ana.status(1), ana.status(2)] == ["aborted"] * 2
        assert ana.outputs(1)[-1]["ename"] == "KernelShutDown"
        await ana.run(2)
        await ana.ran(2)
        assert (ana.status(2), ana.cell(2)["execution_count"]) == ("ok", 1)

    asyncio.run(story())


def test_cells_run_on_another_server_s_kernels(here):
    async def story():
        server, _ = here
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


def test_what_is_asked_while_a_kernel_over_there_is_being_restarted_is_run_once_or_never_will_be(here):
    async def story():
        server, _ = here
        log, ending = server.root / "who-ran", server.root / "ending"
        pid = f"import atexit, os\natexit.register(open, {str(ending)!r}, 'w')\nprint(os.getpid())"
        code = f"import os\nwith open({str(log)!r}, 'a') as log: print(os.getpid(), file=log)"
        ana = await Runner.open_new(server, pid, code, path="restarted.ipynb")
        for comes in (lambda _: True, lambda _: ending.exists(), lambda process: not process.exists()):
            await ana.run(0)
            await ana.ran(0)
            log.write_text("")
            ending.unlink(missing_ok=True)
            restarting = asyncio.create_task(ana.act("restart"))
            await until(partial(comes, Path(f"/proc/{ana.text(0).strip()}")))
            await ana.run(1)
            await restarting
            await ana.ran(1)
            await ana.run(0)
            await ana.ran(0)
            if ana.status(1) == "ok":
                assert len(log.read_text().splitlines()) == 1
            else:
                assert ana.text(0).strip() not in log.read_text()
            assert ana.status(0) == "ok"

    asyncio.run(story())


def test_what_is_asked_of_a_kernel_over_there_that_has_just_died_is_not_run_by_the_next(here):
    async def story():
        server, _ = here
        ana = await Runner.open_new(server, "import os; print(os.getpid())", "2", path="died.ipynb")
        for _ in range(2):  # the other server finds out sooner or later
            await ana.run(0)
            await ana.ran(0)
            os.kill(int(ana.text(0)), signal.SIGKILL)
            await ana.run(1)
            await ana.ran(1)
            assert (ana.status(1), ana.outputs(1)[-1]["ename"]) == ("aborted", "DeadKernelError")
            for count in (1, 2):
                await ana.run(0)
                await ana.ran(0)
                assert (ana.status(0), ana.cell(0)["execution_count"]) == ("ok", count)

    asyncio.run(story())
