"""Comms and widgets of a real kernel: who comes late is told of them, while a cell runs and after it."""

from __future__ import annotations

import asyncio
import json

from .consoles import over_the_websocket
from .rig import until
from .runs import Runner

SLIDES = """import time, ipywidgets
slider = ipywidgets.IntSlider(value=3)
display(slider)
for n in range(4, 25):
    slider.value = n
    time.sleep(0.05)"""


async def comms(tab):
    answer = await tab.request("GET", f"api/kernels/{tab.kernel}/comms")
    return json.loads(answer.body)["comms"] if answer.code == 200 else {}


async def known_to_the_kernel(console):
    """Ask the kernel itself which comms are open, as a frontend does that has just come."""
    asked = console.say("comm_info_request", {})
    await until(lambda: [kind for kind, _ in console.of(asked) if kind == "comm_info_reply"])
    return next(content for kind, content in console.of(asked) if kind == "comm_info_reply")["comms"]


async def sliders(tab):
    found = await comms(tab)
    return {who: one["state"] for who, one in found.items() if one["state"].get("_model_name") == "IntSliderModel"}


async def run(tab, index):
    await tab.run(index)
    await tab.ran(index)
    assert tab.status(index) == "ok", tab.outputs(index)


def test_who_comes_while_a_cell_moves_a_widget_is_told_of_it_and_after_it_the_kernel_says_the_same(server):
    async def story():
        tab = await Runner.open_new(server, SLIDES, "print(slider.value)", "slider.close()", path="widget.ipynb")
        await tab.run(0)
        seen = {}
        while not any(4 < state["value"] < 24 for state in seen.values()):
            assert tab.status(0) in ("", "queued", "running")
            seen = await sliders(tab)
            await asyncio.sleep(0.02)
        assert tab.status(0) == "running"
        bo = await tab.again()
        (shown,) = [one for one in bo.outputs(0) if one["output_type"] == "display_data"]
        (model,) = seen
        assert shown["data"]["application/vnd.jupyter.widget-view+json"]["model_id"] == model
        async with over_the_websocket(bo) as console:
            there = await known_to_the_kernel(console)  # which answers only after the cell has ended
            assert model in there and there.keys() == (await comms(bo)).keys()
            await tab.ran(0)
            assert (await sliders(bo))[model]["value"] == 24
            moved = {"method": "update", "state": {"value": 77}, "buffer_paths": []}
            console.say("comm_msg", {"comm_id": model, "data": moved})
            await run(bo, 1)
            assert bo.text(1) == "77\n"
            assert (await sliders(bo))[model]["value"] == 77
            await run(bo, 2)
            assert model not in await known_to_the_kernel(console)
        assert model not in await comms(bo)
        await tab.request("DELETE", f"api/kernels/{tab.kernel}")

    asyncio.run(story())


def test_a_plain_comm_is_known_until_it_is_closed_or_its_kernel_begins_anew(server):
    async def story():
        tab = await Runner.open_new(
            server,
            "from comm import create_comm\none = create_comm(target_name='plain', data={'x': 1})",
            "one.close()\ntwo = create_comm(target_name='plain', data={'x': 2})",
            path="plain.ipynb",
        )
        await run(tab, 0)
        async with over_the_websocket(tab) as console:
            ((name, one),) = (await comms(tab)).items()
            assert (one["target_name"], one["data"], one["state"]) == ("plain", {"x": 1}, {})
            assert await known_to_the_kernel(console) == {name: {"target_name": "plain"}}
            await run(tab, 1)
            ((other, two),) = (await comms(tab)).items()
            assert other != name and two["data"] == {"x": 2}
            assert await known_to_the_kernel(console) == {other: {"target_name": "plain"}}
        await tab.act("restart")
        assert await comms(tab) == {}
        await tab.request("DELETE", f"api/kernels/{tab.kernel}")

    asyncio.run(story())
