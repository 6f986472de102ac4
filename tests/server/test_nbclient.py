"""Notebooks that are run here are as nbclient makes them, whoever watches.

What is left out of the comparison: timing, addresses in memory, ids of widgets and of displays, and the state of
widgets that nbclient keeps in the notebook's metadata. Carriage returns are applied to nbclient's texts, which
keeps them as they come.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from jupyter_rtc.datastore.terminal_text import TerminalText

from .rig import running, until
from .runs import Runner
from .snippets import SNIPPETS

NOTEBOOKS = Path(__file__).parents[3] / "shared" / "notebooks" / "nbclient"
WATCHED = [0, 1, 3]
NOT_COMPARED = {
    "Interrupt.ipynb",
    "Autokill.ipynb",
    "Parallel Execute A.ipynb",
    "Parallel Execute B.ipynb",
    "Check History in Memory.ipynb",
}
"""What these are about is in test_queue (a kernel that is interrupted or dies) or needs two of them at once (below)."""

CHANGING = re.compile(
    r"0x[0-9a-f]+|<ipython-input-[^>]*>|Cell In\[\d+\]|/tmp/ipykernel_\d+/\d+\.py|ipykernel_\d+"
    r"|\d{4}-\d\d-\d\d[T ][\d:.]+Z?|[0-9a-f]{32}|\d+(\.\d+)?(it/s|s/it)|\d\d:\d\d|[ \d.]+(s|ms|us|ns|µs|μs)\b|pid \d+"
)


def terminal(text: str) -> str:
    shown = TerminalText()
    shown.write(text)
    return shown.take()[1]


def comparable(outputs: list[dict]) -> list[dict]:
    """Return outputs with all that changes from run to run taken out, and streams in a row joined."""
    found: list[dict] = []
    for output in outputs:
        one = json.loads(json.dumps(output))
        one.pop("execution_count", None)
        if one["output_type"] == "stream":
            one["text"] = "".join(one["text"])
            if found and found[-1]["output_type"] == "stream" and found[-1]["name"] == one["name"]:
                found[-1]["text"] += one["text"]
                continue
        found.append(one)
    for one in found:
        if one["output_type"] == "stream":
            one["text"] = terminal(one["text"])
        if "application/vnd.jupyter.widget-view+json" in one.get("data", {}):
            one["data"] = {"widget": True}
        if "image/png" in one.get("data", {}):
            one["data"]["image/png"] = one["data"]["image/png"].strip()
    return json.loads(CHANGING.sub("…", json.dumps(found, sort_keys=True, ensure_ascii=False)))


def code_cells(notebook: dict) -> list[dict]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def by_nbclient(notebook: dict, folder: Path) -> list[list[dict]]:
    made = nbformat.from_dict(notebook)
    client = NotebookClient(
        made, timeout=60, allow_errors=True, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    )
    client.execute()
    return [comparable(cell["outputs"]) for cell in code_cells(made)]


async def coming_and_going(tab: Runner, chance: random.Random) -> None:
    """Lose the link and come back, again and again."""
    while True:
        await asyncio.sleep(chance.uniform(0.05, 0.4))
        tab.hang_up()
        await asyncio.sleep(chance.uniform(0.0, 0.3))
        await tab.connect()


async def by_us(server, name: str, notebook: dict, watchers: int) -> list[list[dict]]:
    (server.root / name).write_text(json.dumps(notebook))
    chance = random.Random(name)
    ana = await Runner(server, name, "notebook", "ana").open()
    ana.asked = {}
    await ana.start_kernel()
    others = [await ana.again(f"watcher {number}") for number in range(max(0, watchers - 1))]
    unsteady = asyncio.create_task(coming_and_going(others[0], chance)) if others else None
    cells = [dict(cell) for cell in ana.contents() if cell["cell_type"] == "code"]
    room = ana.document_id
    if not watchers:
        ana.hang_up()
    try:
        for cell in cells:
            if not cell["source"].strip() or "skip-execution" in cell["metadata"].get("tags", []):
                continue
            body = {"cell_id": cell["id"], "document_id": room, "options": {"allow_stdin": False}}
            answer = await ana.request("POST", f"api/kernels/{ana.kernel}/execute", body)
            assert answer.code == 202, answer.body
            address = json.loads(answer.body)["request_url"].lstrip("/")
            while (await ana.request("GET", address)).code == 202:
                await asyncio.sleep(0.02)
    finally:
        if unsteady is not None:
            unsteady.cancel()
            await asyncio.wait([unsteady])
    (tab,) = [ana] if watchers else [await ana.again("late")]
    shown = await settled(tab)
    assert all(cell["execution_state"] == "idle" for cell in tab.contents() if cell["cell_type"] == "code")

    def in_file() -> list[list[dict]]:
        return [comparable(cell["outputs"]) for cell in code_cells(json.loads((server.root / name).read_text()))]

    await until(lambda: in_file() == shown)
    tab.hang_up()
    for other in others:
        other.hang_up()
    await ana.request("DELETE", f"api/kernels/{ana.kernel}")
    return shown


async def settled(tab: Runner) -> list[list[dict]]:
    """Return what a tab shows once it has what the server has."""
    tab.peer.ask_save(1)
    await until(lambda: tab.peer.replies)
    return [comparable(cell["outputs"]) for cell in tab.contents() if cell["cell_type"] == "code"]


EVERY = int(os.environ.get("JUPYTER_RTC_NOTEBOOKS", "1"))
"""Each how manyth notebook is run; a bounded run takes fewer."""


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(not NOTEBOOKS.is_dir(), reason="the notebooks for tests are not beside the project")
@pytest.mark.parametrize("watchers", WATCHED)
def test_nbclient_s_own_notebooks_are_as_nbclient_makes_them(tmp_path, watchers):
    async def story():
        async with running(tmp_path) as server:
            (server.root / "python.png").write_bytes(PNG)
            different = {}
            for path in sorted(NOTEBOOKS.glob("*.ipynb"))[::EVERY]:
                if path.name in NOT_COMPARED:
                    continue
                notebook = nbformat.read(path, 4)
                expected = await asyncio.to_thread(by_nbclient, notebook, server.root)
                found = await by_us(server, path.name.replace(" ", "-"), notebook, watchers)
                if found != expected:
                    different[path.name] = [pair for pair in zip(found, expected, strict=True) if pair[0] != pair[1]]
            assert different == {}, sorted(different)

    asyncio.run(story())


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("watchers", WATCHED)
def test_a_corpus_of_snippets_is_as_nbclient_makes_it(tmp_path, watchers):
    async def story():
        async with running(tmp_path) as server:
            notebook = nbformat.v4.new_notebook(
                cells=[nbformat.v4.new_code_cell(code, id=f"s{number}") for number, code in enumerate(SNIPPETS)]
            )
            expected = await asyncio.to_thread(by_nbclient, notebook, server.root)
            found = await by_us(server, "snippets.ipynb", notebook, watchers)
            different = [
                (code, *pair) for code, *pair in zip(SNIPPETS, found, expected, strict=True) if pair[0] != pair[1]
            ]
            assert different == []

    asyncio.run(story())


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c626001000000ffff"
    "03000006000557bfabd40000000049454e44ae426082"
)
