"""Run all, and somebody else does something at each of the cells: the queue ends as Jupyter's users expect."""

from __future__ import annotations

import asyncio
import json
import os
import signal

import pytest

from .rig import running, until
from .runs import Runner

CELLS = 20
SLOW, ENDLESS = "import time; time.sleep(0.7)", "import time; time.sleep(60)"


def sources(at: int, code: str) -> list[str]:
    """Return cells that each leave a trace in a file; the one at this place takes its time."""
    trace = "with open('trace', 'a') as f: f.write('{0} ')\nprint({0})"
    cells = [trace.format(number) for number in range(CELLS)]
    cells[at] += "\n" + code
    return cells


async def interrupt(ana: Runner, at: int) -> None:
    await ana.act("interrupt")


async def restart(ana: Runner, at: int) -> None:
    await ana.act("restart")


async def kill(ana: Runner, at: int) -> None:
    """Let the kernel's process die, as when it runs out of memory."""
    os.kill(int((ana.server.root / "pid").read_text()), signal.SIGKILL)


async def change_kernel(ana: Runner, at: int) -> None:
    body = {"kernel": {"name": "python3", "id": None}}
    answer = await ana.request("PATCH", f"api/sessions/{ana.jupyter_session}", body)
    assert answer.code == 200, answer.body
    ana.kernel = json.loads(answer.body)["kernel"]["id"]


async def delete_cell(ana: Runner, at: int) -> None:
    bo = await ana.again()
    with bo.doc.transaction():
        del bo.cells[at]
    await until(lambda: len(ana.cells) == CELLS - 1)


async def delete_next_cell(ana: Runner, at: int) -> None:
    await delete_cell(ana, min(at + 1, CELLS - 1))


async def rename(ana: Runner, at: int) -> None:
    answer = await ana.request("PATCH", f"api/contents/{ana.path}", {"path": f"renamed-{at}.ipynb"})
    assert answer.code == 200, answer.body
    ana.path = f"renamed-{at}.ipynb"


ACTIONS = {
    interrupt: (ENDLESS, {"error"}, "aborted"),
    restart: (ENDLESS, {"error", "aborted"}, "aborted"),
    kill: (ENDLESS, {"aborted"}, "aborted"),
    change_kernel: (ENDLESS, {"error", "aborted"}, "aborted"),
    delete_cell: (SLOW, {"ok"}, "ok"),
    delete_next_cell: (SLOW, {"ok"}, "ok"),
    rename: (SLOW, {"ok"}, "ok"),
}
"""What is done: what the cell does at which it is done, how its run may end, and how those behind it end."""


async def scenario(server, action, at: int) -> None:
    code, own, behind = ACTIONS[action]
    (server.root / "trace").unlink(missing_ok=True)
    ana = await Runner.open_new(server, *sources(at, code), path=f"{action.__name__}-{at}.ipynb")
    ids = [cell["id"] for cell in ana.cells]
    await ana.run_code("import os; open('pid', 'w').write(str(os.getpid()))")
    await ana.run_all()

    def status(index: int) -> str:
        return next((one["status"] for one in ana.records.values() if one["cell_id"] == ids[index]), "")

    await until(lambda: status(at) == "running" and f"{at}" in (server.root / "trace").read_text().split())
    await action(ana, at)
    await until(lambda: all(status(index) in ("ok", "error", "aborted") for index in range(CELLS)), 20)
    gone = {delete_next_cell: {at + 1}}.get(action, set())
    assert [status(index) for index in range(at)] == ["ok"] * at
    assert status(at) in own
    expected = ["aborted" if index in gone else behind for index in range(at + 1, CELLS)]
    assert [status(index) for index in range(at + 1, CELLS)] == expected, (action.__name__, at)
    await until(lambda: all(cell["execution_state"] == "idle" for cell in ana.cells))
    ran = {index for index in range(CELLS) if index <= at or expected[index - at - 1] == "ok"}
    assert set(map(int, (server.root / "trace").read_text().split())) == ran
    next_one = next(index for index, source in enumerate(ana.sources) if "sleep" not in source)
    await ana.run(next_one)
    await ana.ran(next_one)
    assert ana.status(next_one) == "ok"
    ana.hang_up()
    await ana.request("DELETE", f"api/kernels/{ana.kernel}")


@pytest.mark.parametrize("action", ACTIONS, ids=lambda one: one.__name__)
def test_the_queue_ends_as_expected_and_the_next_run_works(server, action):
    asyncio.run(scenario(server, action, 7))


EVERY = int(os.environ.get("JUPYTER_RTC_EVERY", "1"))
"""At each how manyth cell something happens; a bounded run takes fewer."""


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("action", ACTIONS, ids=lambda one: one.__name__)
def test_at_each_of_the_cells(tmp_path, action):
    async def story():
        async with running(tmp_path) as server:
            for at in range(0, CELLS, EVERY):
                await scenario(server, action, at)

    asyncio.run(story())
