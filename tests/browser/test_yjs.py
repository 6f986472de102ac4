"""Stock Yjs providers, JavaScript's and pycrdt's, in one room with people in a real JupyterLab."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from .notebooks import read_cells, write_notebook
from .people import BO, token_of
from .tab import eventually, open_for

PACKAGES = ("yjs@13.6.33", "y-websocket@1.5.4", "ws@8")
HERE = Path(__file__).parent


class Program:
    """A stock client in a process of its own, which says what it has and types what it is told."""

    def __init__(self, folder: Path, *command: str) -> None:
        self._process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        self._said: list[str] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def cells(self) -> list[str] | None:
        """Return the source of each cell as the program has it; None if it has nothing yet."""
        return json.loads(self._said[-1]) if self._said else None

    def type(self, text: str) -> None:
        """Type at the beginning of the first cell."""
        assert self._process.stdin is not None
        self._process.stdin.write(text + "\n")
        self._process.stdin.flush()

    def end(self) -> None:
        self._process.kill()
        self._process.wait()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        self._said.extend(line for line in self._process.stdout if line.startswith("["))


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """Where the JavaScript client finds its packages."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    folder = tmp_path_factory.mktemp("node")
    install = ("npm", "install", "--no-audit", "--no-fund", "--prefer-offline", *PACKAGES)
    subprocess.run(install, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    shutil.copy(HERE / "yjs_client.mjs", folder)
    return folder


@pytest.fixture
def programs(path, lab, packages):
    """Yield what starts the two stock clients in the notebook's room."""
    started = []

    def start():
        session = lab.session(path.name)
        room = f"{session['format']}:{session['type']}:{session['fileId']}"
        where = f"ws://127.0.0.1:{lab.port}/api/collaboration/room", room
        query = f"sessionId={session['sessionId']}&token={token_of(BO)}"
        started.append(Program(packages, "node", "yjs_client.mjs", *where, query))
        started.append(Program(packages, sys.executable, str(HERE / "pycrdt_client.py"), *where, query))
        return started

    yield start
    for program in started:
        program.end()


def test_a_stock_javascript_client_and_a_stock_pycrdt_provider_converge_with_jupyterlab(path, ana, programs):
    write_notebook(path, "text", "other")
    open_for(path, ana)
    node, pycrdt = programs()
    for program in (node, pycrdt):
        eventually(program.cells, ["text", "other"])
    node.type("node ")
    eventually(ana.cells, ["node text", "other"])
    pycrdt.type("pycrdt ")
    eventually(ana.cells, ["pycrdt node text", "other"])
    ana.type(" ana")
    for look in (node.cells, pycrdt.cells, lambda: read_cells(path)):
        eventually(look, ["pycrdt node text ana", "other"])


def test_what_all_of_them_type_at_the_same_moment_is_there_once_and_the_same_for_all(path, ana, programs):
    write_notebook(path, "text")
    open_for(path, ana)
    both = programs()
    for program in both:
        eventually(program.cells, ["text"])
    ana.focus(0)
    words = ["ünï", "🎉", "three", "four"]
    for number, word in enumerate(words):
        for name, program in zip(("node", "pycrdt"), both, strict=True):
            program.type(f"[{name} {word}]")
        ana.page.keyboard.type(f"[ana {number}]")
    everything = [f"[{name} {word}]" for name in ("node", "pycrdt") for word in words]
    everything.append("text" + "".join(f"[ana {number}]" for number in range(len(words))))
    for look in (ana.cells, both[0].cells, both[1].cells):
        eventually(lambda look=look: missing(look(), everything), [])
    eventually(lambda: both[0].cells() == both[1].cells() == ana.cells() == read_cells(path), True)
    assert sum(map(len, everything)) == len(ana.cells()[0]), ana.cells()


def missing(cells, words):
    """Return those of the words that are not in the first cell exactly once."""
    return [word for word in words if (cells or [""])[0].count(word) != 1]
