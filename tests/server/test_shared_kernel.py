"""Two notebooks with one kernel: whoever comes sees how far each cell is from its turn, and how the kernel stands."""

from __future__ import annotations

import asyncio
import json

from pycrdt import Map

from .rig import until
from .runs import Runner, code_notebook

GATE = "import time, pathlib\nwhile not pathlib.Path('shared-{0}').exists(): time.sleep(0.02)\nprint({0!r})"


def let(server, name):
    """Let the cell of this name come to its end."""
    (server.root / f"shared-{name}").touch()


async def with_the_kernel_of(other, path, *sources):
    """Open another notebook, and let it use the kernel of this one."""
    (other.server.root / path).write_text(json.dumps(code_notebook(*sources)))
    tab = await Runner(other.server, path, "notebook", "bo").open()
    tab.asked = {}
    body = {"path": path, "type": "notebook", "name": "", "kernel": {"id": other.kernel}}
    answer = await tab.request("POST", "api/sessions", body)
    assert answer.code == 201 and json.loads(answer.body)["kernel"]["id"] == other.kernel
    tab.kernel = other.kernel
    return tab


def places(tab):
    """Return the place of each cell's run, in the order of the cells: None once it has ended."""
    by_cell = {one["cell_id"]: one["position"] for one in tab.records.values()}
    return [by_cell[cell["id"]] for cell in tab.cells]


def kernel(tab):
    found = tab.doc.get("kernels", type=Map).get(tab.kernel)
    return found and (found["execution_state"], found["generation"])


def test_places_move_in_both_notebooks_and_who_comes_late_sees_them_as_they_are(server):
    async def story():
        ana = await Runner.open_new(server, *(GATE.format(name) for name in ("a0", "a1")), path="shared-a.ipynb")
        bo = await with_the_kernel_of(ana, "shared-b.ipynb", *(GATE.format(name) for name in ("b0", "b1", "b2")))
        for tab, index in ((ana, 0), (bo, 0), (ana, 1), (bo, 1), (bo, 2)):
            await tab.run(index)
        await until(lambda: ana.status(0) == "running")
        cy, dan = await bo.again("cy"), await ana.again("dan")
        assert (places(dan), places(cy)) == ([0, 2], [1, 3, 4])
        assert [cy.status(index) for index in range(3)] == ["queued"] * 3
        assert {cell["execution_state"] for tab in (cy, dan) for cell in tab.cells} == {"running"}
        assert (kernel(dan), kernel(cy)) == (("busy", 0), None), "none of its cells has run there yet"

        let(server, "a0")
        await until(lambda: (places(dan), places(cy)) == ([None, 1], [0, 2, 3]))
        late = await bo.again("eve")
        assert (places(late), kernel(late)) == ([0, 2, 3], ("busy", 0))

        let(server, "b0")
        let(server, "a1")
        await until(lambda: (places(dan), places(late)) == ([None, None], [None, 0, 1]))
        later = await ana.again("finn")
        assert (places(later), kernel(later)) == ([None, None], ("busy", 0)), "it is busy with the other notebook"
        assert [later.text(0), later.text(1)] == ["a0\n", "a1\n"]

        let(server, "b1")
        let(server, "b2")
        for tab in (later, late):
            await until(lambda tab=tab: set(places(tab)) == {None} and kernel(tab) == ("idle", 0))
        assert [late.text(index) for index in range(3)] == ["b0\n", "b1\n", "b2\n"]
        last = await bo.again("gus")
        assert (places(last), kernel(last)) == ([None] * 3, ("idle", 0))
        await ana.request("DELETE", f"api/kernels/{ana.kernel}")

    asyncio.run(story())


def test_a_restart_for_one_notebook_is_seen_in_the_other_by_who_comes_later(server):
    async def story():
        ana = await Runner.open_new(server, "1", GATE.format("never"), path="shared-c.ipynb")
        bo = await with_the_kernel_of(ana, "shared-d.ipynb", "2")
        for tab in (ana, bo):
            await tab.run(0)
            await tab.ran(0)
        await ana.run(1)
        await bo.run(0)
        await until(lambda: ana.status(1) == "running" and bo.status(0) == "queued")
        await ana.act("restart")
        await until(lambda: ana.all_ended and bo.all_ended)
        late = await bo.again("cy")
        assert late.status(0) == "aborted" and kernel(late)[1] == 1
        newest = max(late.records.values(), key=lambda record: record["asked_at"])
        assert (newest["position"], newest["failure"]["ename"]) == (None, "KernelShutDown")
        await bo.run(0)
        await bo.ran(0)
        await until(lambda: kernel(late) == ("idle", 1))
        assert late.cell(0)["execution_count"] == 1
        await ana.request("DELETE", f"api/kernels/{ana.kernel}")
        await until(lambda: kernel(late)[0] == "dead")

    asyncio.run(story())
