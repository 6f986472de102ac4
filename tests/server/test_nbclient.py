"""Notebooks that are run here are as nbclient makes them, whoever watches: outputs and counts, for everyone.

What is left out of the comparison: timing, addresses in memory, ids of widgets and of displays, and the state of
widgets that nbclient keeps in the notebook's metadata. Carriage returns are applied to nbclient's texts, which
keeps them as they come. A kernel that dies is an exception for nbclient, and an error in the cell here.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from itertools import groupby
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError

from jupyter_rtc.datastore.terminal_text import TerminalText

from .rig import running, until
from .runs import Runner
from .snippets import SNIPPETS

NOTEBOOKS = Path(__file__).parents[3] / "shared" / "notebooks" / "nbclient"
WATCHED = [0, 1, 3]
TOGETHER = {"Parallel Execute A.ipynb", "Parallel Execute B.ipynb"}
"""Each of them waits for the other."""
MEETING = "NBEXECUTE_TEST_PARALLEL_TMPDIR"
"""Where they look for each other; a folder of its own for each kind of run."""
NEVER_ENDS = "Interrupt.ipynb"
"""Its first cell is interrupted: by nbclient after a second, here by a person."""
DIES = "Autokill.ipynb"
DEAD = {"output_type": "error", "ename": "DeadKernelError"}
INTERRUPTED = {"output_type": "error", "ename": "KeyboardInterrupt"}

CHANGING = re.compile(
    r"0x[0-9a-f]+|<ipython-input-[^>]*>|Cell In\[\d+\]|/tmp/ipykernel_\d+/\d+\.py|ipykernel_\d+"
    r"|\d{4}-\d\d-\d\d[T ][\d:.]+Z?|[0-9a-f]{32}|\d+(\.\d+)?(it/s|s/it)|\d\d:\d\d|[ \d.]+(s|ms|us|ns|µs|μs)\b|pid \d+"
)


def terminal(text: str) -> str:
    shown = TerminalText()
    shown.write(text)
    return shown.take()[1]


def comparable(outputs: list[dict]) -> list[dict]:
    """Return outputs with all that changes from run to run taken out, and streams in a row joined.

    A kernel that has little time may send what it prints to one stream before what it printed to the other.
    """
    found: list[dict] = []
    for is_stream, those in groupby(json.loads(json.dumps(outputs)), lambda one: one["output_type"] == "stream"):
        if not is_stream:
            found += those
            continue
        texts: dict[str, str] = {}
        for one in those:
            texts[one["name"]] = texts.get(one["name"], "") + "".join(one["text"])
        found += [{"output_type": "stream", "name": name, "text": text} for name, text in sorted(texts.items())]
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


def shown_by(notebook: dict) -> list[dict]:
    """Return what the cells of code show, with their counts."""
    return [
        {"outputs": comparable(cell["outputs"]), "count": cell.get("execution_count")} for cell in code_cells(notebook)
    ]


def by_nbclient(name: str, notebook: dict, folder: Path) -> list[dict]:
    made = nbformat.from_dict(notebook)
    ends = {"timeout": 1, "interrupt_on_timeout": True} if name == NEVER_ENDS else {"timeout": 60}
    where = {"metadata": {"path": str(folder)}}
    client = NotebookClient(made, **ends, allow_errors=True, kernel_name="python3", resources=where)
    try:
        client.execute()
    except DeadKernelError:
        assert name == DIES
        code_cells(made)[0]["outputs"].append(DEAD)
    return alike(shown_by(made))


async def coming_and_going(tab: Runner, chance: random.Random) -> None:
    """Lose the link and come back, again and again."""
    while True:
        await asyncio.sleep(chance.uniform(0.05, 0.4))
        tab.hang_up()
        await asyncio.sleep(chance.uniform(0.0, 0.3))
        await tab.connect()


async def by_us(server, original: str, notebook: dict, watchers: int) -> list[dict]:
    name = original.replace(" ", "-")
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
            while (answer := await ana.request("GET", address)).code == 202:
                await asyncio.sleep(0.02)
                if cell["source"].startswith("while True") and json.loads(answer.body)["request_status"] == "running":
                    await ana.act("interrupt")
                    await asyncio.sleep(0.5)  # a kernel that has not begun takes no notice, and is asked again
    finally:
        if unsteady is not None:
            unsteady.cancel()
            await asyncio.wait([unsteady])
    if others:
        others[0].hang_up()
        await others[0].connect()
    tabs = [*([ana] if watchers else []), *others, await ana.again("late")]
    shown, *as_well = [await settled(tab) for tab in tabs]
    for tab, seen in zip(tabs[1:], as_well, strict=True):
        assert seen == shown, f"{original}: what {tab.peer.name} has"
    assert all(cell["execution_state"] == "idle" for tab in tabs for cell in code_cells({"cells": tab.contents()}))

    def in_file() -> list[dict] | None:
        try:
            return shown_by(json.loads((server.root / name).read_text()))
        except ValueError:
            return None  # it is being written

    await until(lambda: in_file() == shown)
    for tab in tabs:
        tab.hang_up()
    await ana.request("DELETE", f"api/kernels/{ana.kernel}")
    return alike(shown)


def alike(shown: list[dict]) -> list[dict]:
    """Say of a kernel that died, and of an interrupt, only that it is so.

    Our words have tests; whether a kernel told the count before it died, and where an interrupt meets it, is chance.
    """
    for cell in shown:
        for known in (DEAD, INTERRUPTED):
            cell["outputs"] = [known if {**one, **known} == one else one for one in cell["outputs"]]
        cell["count"] = None if DEAD in cell["outputs"] else cell["count"]
    return shown


async def settled(tab: Runner) -> list[dict]:
    """Return what a tab shows once it has what the server has."""
    tab.peer.ask_save(1)
    await until(lambda: tab.peer.replies)
    return shown_by({"cells": tab.contents()})


EVERY = int(os.environ.get("JUPYTER_RTC_NOTEBOOKS", "1"))
"""A bounded run takes one of so many notebooks, another day others."""
SEED = int(os.environ.get("JUPYTER_RTC_SEED", str(date.today().toordinal())))
AT_ONCE = 4
"""How many run at a time, each in a kernel of its own."""
NAMES = sorted(path.name for path in NOTEBOOKS.glob("*.ipynb"))


def chosen(seed: int = SEED, every: int = EVERY) -> list[list[str]]:
    """Return which notebooks are run, those together that need each other."""
    groups = [[name] for name in NAMES if name not in TOGETHER] + [sorted(TOGETHER)]
    return sorted(random.Random(seed).sample(groups, -(-len(groups) // every)))


@pytest.fixture(scope="module")
def expected(tmp_path_factory) -> dict[str, list[dict]]:
    """What nbclient makes of the notebooks."""
    print(f"JUPYTER_RTC_SEED={SEED}: {chosen()}")  # noqa: T201  shown beside a failed test
    folder = tmp_path_factory.mktemp("nbclient")
    (folder / "python.png").write_bytes(PNG)
    with outside_of_pytest(**{MEETING: str(folder)}), ThreadPoolExecutor(AT_ONCE) as threads:
        running = {name: threads.submit(by_nbclient, name, read(name), folder) for names in chosen() for name in names}
        return {name: future.result() for name, future in running.items()}


@pytest.fixture(scope="module")
def expected_of_snippets(tmp_path_factory) -> list[dict]:
    """What nbclient makes of the snippets."""
    with outside_of_pytest():
        return by_nbclient(SNIPPETS_NAME, snippets(), tmp_path_factory.mktemp("snippets"))


@contextmanager
def outside_of_pytest(**environment: str) -> Iterator[None]:
    """Let kernels not know of pytest: ipykernel does not read what is written past Python, if it does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTEST_CURRENT_TEST", raising=False)
        for name, value in environment.items():
            patch.setenv(name, value)
        yield


def read(name: str) -> dict:
    return nbformat.read(NOTEBOOKS / name, 4)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(not NAMES, reason="the notebooks for tests are not beside the project")
@pytest.mark.parametrize("watchers", WATCHED)
def test_nbclient_s_own_notebooks_are_as_nbclient_makes_them(tmp_path, watchers, expected):
    async def story():
        async with running(tmp_path, **surroundings(tmp_path)) as server:
            (server.root / "python.png").write_bytes(PNG)
            places, found = asyncio.Semaphore(AT_ONCE), {}

            async def run(names: list[str]) -> None:
                async with places:
                    made = await asyncio.gather(*(by_us(server, name, read(name), watchers) for name in names))
                    found.update(zip(names, made, strict=True))

            await asyncio.gather(*map(run, chosen()))
            for name, ours in found.items():
                assert ours == expected[name], name
            assert found.keys() == expected.keys()

    asyncio.run(story())


def surroundings(folder: Path) -> dict[str, str]:
    """Let the kernels keep their history in memory, as nbclient lets its own."""
    profile = folder / "ipython" / "profile_default"
    profile.mkdir(parents=True)
    (profile / "ipython_kernel_config.py").write_text('get_config().HistoryManager.hist_file = ":memory:"\n')
    return {"IPYTHONDIR": str(folder / "ipython"), MEETING: str(folder)}


@pytest.mark.skipif(not NAMES, reason="the notebooks for tests are not beside the project")
def test_every_notebook_of_nbclient_s_has_its_turn():
    assert len(NAMES) == 23
    assert sorted(name for names in chosen(1, every=1) for name in names) == NAMES
    assert len(chosen(1, every=2)) == 11
    month = {name for day in range(30) for names in chosen(day, every=2) for name in names}
    assert sorted(month) == NAMES


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("watchers", WATCHED)
def test_a_corpus_of_snippets_is_as_nbclient_makes_it(tmp_path, watchers, expected_of_snippets):
    async def story():
        async with running(tmp_path) as server:
            found = await by_us(server, SNIPPETS_NAME, snippets(), watchers)
            (page,) = found[SNIPPETS.index(PAGED)]["outputs"]
            assert page["output_type"] == "display_data" and "Signature" in page["data"]["text/plain"]
            found[SNIPPETS.index(PAGED)]["outputs"] = []
            pairs = zip(SNIPPETS, found, expected_of_snippets, strict=True)
            assert [(code, ours, theirs) for code, ours, theirs in pairs if ours != theirs] == []

    with outside_of_pytest():
        asyncio.run(story())


SNIPPETS_NAME = "snippets.ipynb"
PAGED = "?print"
"""JupyterLab shows the page that the kernel answers with; nbclient does not."""


def snippets() -> dict:
    cells = [nbformat.v4.new_code_cell(code, id=f"s{number}") for number, code in enumerate(SNIPPETS)]
    return nbformat.v4.new_notebook(cells=cells)


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c626001000000ffff"
    "03000006000557bfabd40000000049454e44ae426082"
)
