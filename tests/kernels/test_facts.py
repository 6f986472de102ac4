"""The table ``kernels`` of open notebooks."""

import asyncio

from pycrdt import Doc

from jupyter_rtc.kernels import records
from jupyter_rtc.kernels.facts import KernelFacts

from .scripted import scripted
from .world import Notebook, until, world


def states(notebook):
    table = records.kernels(notebook.ydoc)
    return {name: entry["execution_state"] for name, entry in table.to_py().items()}


def test_who_opens_a_notebook_is_not_told_of_kernels_of_an_earlier_life():
    notebook, facts = Notebook("1"), KernelFacts()
    records.write_kernel(notebook.ydoc, "old", "busy", 0)
    records.write_kernel(notebook.ydoc, "new", "busy", 0)
    facts.attach(notebook, lambda kernel_id: kernel_id == "new")
    assert states(notebook) == {"new": "busy"}


def test_a_notebook_is_told_of_the_kernels_that_have_run_its_cells_and_of_no_others():
    one, other, facts = Notebook("1"), Notebook("1", room="json:notebook:other"), KernelFacts()
    for notebook in (one, other):
        facts.attach(notebook, lambda _: True)
    records.write_kernel(one.ydoc, "k", "idle", 0)
    facts.tell("k", "dead", 1, "It ran out of memory.")
    assert records.kernels(one.ydoc)["k"] == {
        "execution_state": "dead",
        "generation": 1,
        "reason": "It ran out of memory.",
    }
    assert states(other) == {}
    facts.detach(one)
    facts.tell("k", "starting", 2)
    assert states(one) == {"k": "dead"}


def test_a_notebook_is_told_when_it_is_opened_what_has_happened_to_its_kernels():
    notebook, facts = Notebook("1"), KernelFacts()
    for name in ("k", "gone"):
        records.write_kernel(notebook.ydoc, name, "busy", 0)
        facts.tell(name, "idle", 1)
    facts.tell("other", "idle", 0)
    facts.attach(notebook, lambda kernel_id: kernel_id != "gone")
    assert records.kernels(notebook.ydoc).to_py() == {"k": records.kernel_entry("idle", 1)}


def test_what_is_known_already_is_no_change():
    doc, changes = Doc(), []
    records.write_kernel(doc, "k", "idle", 0)
    doc.observe(changes.append)
    records.write_kernel(doc, "k", "idle", 0)
    assert changes == []


def test_a_late_joiner_sees_that_it_is_busy_idle_dead_and_there_again():
    async def story():
        notebook = Notebook("gate", "1")
        gate = asyncio.Event()

        async def waits(request):
            await gate.wait()
            request.reply()
            request.idle()

        async with world(notebook) as here, scripted(here.here, gate=waits) as kernel:
            runs = await here.run("a")
            await until(lambda: states(notebook) == {"k": "busy"})
            gate.set()
            await here.ended(*runs)
            await until(lambda: states(notebook) == {"k": "idle"})
            kernel.tell("restart")
            await until(lambda: states(notebook) == {"k": "starting"})
            assert records.kernels(notebook.ydoc)["k"]["generation"] == 1
            assert await here.ran("b") == ["ok"]
            kernel.tell("dead")
            await until(lambda: states(notebook) == {"k": "dead"})

    asyncio.run(story())
