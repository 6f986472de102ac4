"""From the real jupyter-collaboration to us, back, and to none of both, by the commands that the docs name.

Both are installed into an environment of its own, which takes everything else from the one in which the tests run.
"""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from .rig import Server, Tab, saved_sources, until, write_notebook

pytestmark = pytest.mark.slow

THEIRS = (
    "jupyter-collaboration==5.0.4",
    "jupyter-server-ydoc==3.0.4",
    "pycrdt-websocket==0.16.5",
    "pycrdt-store==0.1.5",
    "sqlite-anyio<0.3",
)
COLOURS, BLANKS = re.compile(r"\x1b\[[0-9;]*m"), re.compile(r"\s+")
CONFIG = Path("etc", "jupyter", "jupyter_server_config.d")
OURS = Path(__file__).parents[2] / "jupyter-config" / "jupyter_rtc.json"


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Install both, and return where."""
    place = tmp_path_factory.mktemp("both")
    venv.create(place, symlinks=True)
    python = place / "bin" / "python"
    install = ("pip", "--python", str(python), "install", "--quiet", "--no-deps", *THEIRS)
    subprocess.run([sys.executable, "-m", *install], check=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    rest = place / "lib" / version / "site-packages" / "rest.pth"
    rest.write_text(f"{sysconfig.get_path('purelib')}\n{Path(__file__).parents[2]}\n")
    shutil.copy(Path(sys.prefix) / CONFIG / "jupyter_server_fileid.json", place / CONFIG)
    return place


@pytest.fixture
def environment(installed):
    """Return the Python of an environment in which both have just been installed: no command was given yet."""
    shutil.copy(OURS, installed / CONFIG)
    (installed / CONFIG / "jupyter_server_ydoc.json").unlink(missing_ok=True)
    return str(installed / "bin" / "python")


class Either(Server):
    """A server with both extensions installed, of which commands switch one on."""

    def __init__(self, folder, python):
        super().__init__(folder, rtc=False)
        self.python = python
        (folder / "log").touch()
        (folder / "config" / "jupyter_server_config.json").unlink()

    async def extension(self, *words):
        """Run ``jupyter server extension …``, and return what it says."""
        run = await asyncio.create_subprocess_exec(
            self.python, "-m", "jupyter_server", "extension", *words,
            env=self.environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await run.communicate()
        assert run.returncode == 0, said
        return said.decode()

    async def switch(self, on, off):
        await self.extension("disable", off)
        await self.extension("enable", on)

    async def answers(self, path):
        return (await self.request("GET", path)).code


TO_US = "jupyter_rtc", "jupyter_server_ydoc"
TO_THEM = "jupyter_server_ydoc", "jupyter_rtc"


def run(environment, folder, story):
    async def main():
        server = Either(folder, environment)
        try:
            await story(server)
        finally:
            await server.kill()
            print(server.log[-6000:])  # noqa: T201  pytest shows it where the test fails

    asyncio.run(main())


async def edited(server, mark, everything):
    """Open the notebook anew, find what was written before there once, write something, and see it saved."""
    path = server.root / "a.ipynb"
    tab = await Tab(server, "a.ipynb", "notebook", "ana").open()
    await until(lambda: len(tab.sources) == 2)
    assert tab.sources == ["".join(reversed(everything)) + "first", "second"]
    tab.type_in_cell(0, mark)
    everything.append(mark)
    await until(lambda: saved_sources(path) == ["".join(reversed(everything)) + "first", "second"])
    await until(lambda: tab.saved)
    return tab


async def told_to_reload(tab):
    """Come back with what one had before the server was another: nothing of it may be merged."""
    await tab.connect()
    assert tab.close_code == 1003, tab.close_code
    assert json.loads(tab.close_reason)["reloadable"] is True


def test_switching_to_us_and_back_again_and_again_loses_and_doubles_nothing(environment, tmp_path):
    async def story(server):
        write_notebook(server.root / "a.ipynb", "first", "second")
        everything, ours = [], None
        await server.switch(*TO_THEM)
        for turn in range(2):
            await server.start()
            assert await server.answers("api/rtc/status") == 404
            switching = asyncio.create_task(server.switch(*TO_US))  # which a running server does not notice
            theirs = await edited(server, f"[theirs {turn}] ", everything)
            if ours:
                await told_to_reload(ours)
            theirs.hang_up()
            await switching
            await server.kill()  # while a room is open, it does not stop by itself
            await server.start()
            assert await server.answers("api/rtc/status") == 200
            switching = asyncio.create_task(server.switch(*TO_THEM))
            ours = await edited(server, f"[ours {turn}] ", everything)
            await told_to_reload(theirs)
            ours.hang_up()
            await switching
            assert await server.stop() == 0

    run(environment, tmp_path, story)


def test_installed_beside_each_other_we_are_on_and_the_other_is_off(environment, tmp_path):
    async def story(server):
        listed = BLANKS.sub(" ", COLOURS.sub("", await server.extension("list")))
        assert "jupyter_server_ydoc disabled" in listed and "jupyter_rtc enabled" in listed

    run(environment, tmp_path, story)


def test_switched_off_nothing_of_us_is_there(environment, tmp_path):
    async def story(server):
        await server.extension("disable", "jupyter_rtc")
        await server.start()
        write_notebook(server.root / "a.ipynb", "first")
        for path in ("api/rtc/status", "api/collaboration/session/a.ipynb", "api/rtc/rooms/x"):
            assert await server.answers(path) == 404, path
        assert await server.answers("api/contents/a.ipynb") == 200
        assert await server.stop() == 0
        assert not (server.data / "jupyter_rtc").exists()
        assert "jupyter_rtc" not in server.log

    run(environment, tmp_path, story)
