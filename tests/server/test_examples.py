"""The examples are run, at real servers, as a person runs them."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

from jupyter_rtc.client import connect

from .rig import TOKEN, running
from .runs import code_notebook

EXAMPLES = Path(__file__).parents[2] / "examples"


class Example:
    """An example that runs."""

    def __init__(self, process):
        self.process, self.seen = process, ""

    @classmethod
    async def start(cls, name, server, *args):
        url = f"{server.url('')}?token={TOKEN}"
        command = (sys.executable, "-u", str(EXAMPLES / name), url, *map(str, args))
        return cls(await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE))

    async def sees(self, words):
        async with asyncio.timeout(60):
            while words not in self.seen:
                line = await self.process.stdout.readline()
                assert line, self.seen
                self.seen += line.decode()

    async def end(self):
        """Return all that it printed, once it has ended well."""
        async with asyncio.timeout(60):
            rest, _ = await self.process.communicate()
        assert self.process.returncode == 0, self.seen
        return self.seen + rest.decode()

    async def stop(self):
        self.process.terminate()
        await self.process.wait()


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.name)
def test_an_example_fits_on_a_page_and_says_how_it_is_run(path):
    lines = path.read_text().splitlines()
    assert len(lines) <= 60 and f"python {path.name} URL" in lines[0] + lines[2]


def test_the_agent_works_beside_people(server):
    async def story():
        cells = ("numbers = [1, 2, 3]", "# todo: add the numbers", "# todo: something unknown")
        (server.root / "agent.ipynb").write_text(json.dumps(code_notebook(*cells)))
        async with connect(server.url(""), token=TOKEN) as rtc:
            nb = await rtc.notebook("agent.ipynb")
            await (await nb.cells[0].run())
            agent = await Example.start("agent.py", server, "agent.ipynb")
            assert "ok: 6" in await agent.end()
            await nb.refresh()
            assert nb.cells[1].source.endswith("print(total)") and nb.cells[1].outputs[0]["text"] == "6\n"
        saved = json.loads((server.root / "agent.ipynb").read_text())["cells"]
        assert "".join(saved[1]["source"]).startswith("# todo: add the numbers\ntotal")

    asyncio.run(story())


def test_the_todo_list_is_shared(server):
    async def story():
        watching = await Example.start("todo.py", server)
        assert "[ ] t1 oat milk" in await (await Example.start("todo.py", server, "add", "oat", "milk")).end()
        await watching.sees("[ ] t1 oat milk")
        assert "[ ] t1" in await (await Example.start("todo.py", server, "undo", "t1")).end()
        assert "[x] t1 oat milk" in await (await Example.start("todo.py", server, "done", "t1")).end()
        await watching.sees("[x] t1 oat milk")
        await watching.stop()

    asyncio.run(story())


def test_the_dashboard_shows_kernels_as_they_come_and_go(tmp_path):
    async def story():
        async with running(tmp_path) as server, connect(server.url(""), token=TOKEN) as rtc:
            dashboard = await Example.start("dashboard.py", server)
            await dashboard.sees("--- 0 kernels")
            session = await rtc.sessions.create("a.ipynb")
            await dashboard.sees(f"{session['kernel']['id'][:8]} python3    idle       a.ipynb")
            dashboard.seen = ""
            await rtc.sessions.delete(session["id"])
            await dashboard.sees("--- 0 kernels")
            await dashboard.stop()
            assert "--- 0 kernels" in await (await Example.start("dashboard.py", server, "1")).end()

    asyncio.run(story())


def test_the_mirror_follows_a_folder(tmp_path):
    async def story():
        target = tmp_path / "target"
        target.mkdir()
        async with running(tmp_path) as server, connect(server.url(""), token=TOKEN) as rtc:
            (server.root / "f").mkdir()
            (server.root / "f" / "a.txt").write_text("one")
            (server.root / "f" / "a.bin").write_bytes(b"\0\xff")
            mirror = await Example.start("mirror.py", server, "f", target)
            await mirror.sees("+ f/a.txt")
            await mirror.sees("+ f/a.bin")
            assert (target / "a.txt").read_text() == "one" and (target / "a.bin").read_bytes() == b"\0\xff"
            await rtc.contents.create("f", "notebook")
            await mirror.sees("+ f/Untitled.ipynb")
            assert json.loads((target / "Untitled.ipynb").read_text())["nbformat"] == 4
            await rtc.contents.delete("f/a.txt")
            await mirror.sees("- f/a.txt")
            assert not (target / "a.txt").exists()
            await mirror.stop()

    asyncio.run(story())


def test_the_two_ways_of_the_original_project_are_gone_step_by_step(tmp_path):
    async def story():
        async with running(tmp_path) as server:
            told = (await (await Example.start("two_ways.py", server)).end()).splitlines()
            assert told[:4] == ["created Untitled.ipynb", "read 0 cells", "updated 6 * 7", "deleted Untitled.ipynb"]
            assert told[-1] == "ended ok '0\\n1\\n2\\n42\\n' as True"
            assert "output stream" in told and told[-2] == "output execute_result"
            assert not list(server.root.glob("*.ipynb"))

    asyncio.run(story())
