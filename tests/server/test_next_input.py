"""``%load`` and ``set_next_input`` by a real kernel."""

import asyncio

from .rig import until
from .runs import Runner


def test_load_fills_its_cell_and_the_next_input_comes_below_for_everybody_and_in_the_file(server):
    async def story():
        (server.root / "x.py").write_text("print('loaded')\n")
        ana = await Runner.open_new(
            server, "%load x.py", "get_ipython().set_next_input('1 + 1')", "'last'", path="next.ipynb"
        )
        bo = await ana.again("bo")
        for index in range(2):
            await ana.run(index)
            await ana.ran(index)
        loaded = "# %load x.py\nprint('loaded')\n"
        expected = [loaded, "get_ipython().set_next_input('1 + 1')", "1 + 1", "'last'"]
        await until(lambda: ana.sources == bo.sources == expected)
        await ana.run(0)
        await ana.ran(0)
        assert ana.text(0) == "loaded\n"
        await until(lambda: "".join(ana.saved(0)["source"]) == loaded)
        assert "".join(ana.saved(2)["source"]) == "1 + 1"

    asyncio.run(story())
