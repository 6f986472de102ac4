"""The two ways of the original project, step by step: ``python two_ways.py URL``.

The first: create, read, update and delete a notebook. The second: run a cell. Each step goes from this program over
shared tables to the server, there to Jupyter's contents manager or to a kernel, and comes back as a change that
everybody sees.
"""

import asyncio
import sys

from jupyter_rtc.client import Client, connect


async def create_read_update_delete(rtc: Client) -> None:
    """Do all that is done with a notebook."""
    path = await rtc.contents.create("", "notebook")
    print("created", path)
    model = await rtc.contents.fetch(path)
    print("read", len(model["content"]["cells"]), "cells")
    nb = await rtc.notebook(path)
    nb.cells.append("6 * 7")
    await nb.save()
    print("updated", (await rtc.contents.fetch(path))["content"]["cells"][-1]["source"])
    await nb.close()
    await rtc.contents.delete(path)
    print("deleted", path)


async def run_a_cell(rtc: Client) -> None:
    """Run a cell, and see what it shows while it does."""
    path = await rtc.contents.create("", "notebook")
    nb = await rtc.notebook(path)
    cell = nb.cells.append("for n in range(3):\n    print(n)\nn * 21")
    run = await cell.run()
    async for output in run:
        print("output", output["output_type"])
    print("ended", run.status, repr(run.text), "as", run.record["user"] == rtc.user["username"])
    await rtc.kernels.shutdown(await nb.start_kernel())
    await nb.close()
    await rtc.contents.delete(path)


async def main(url: str) -> None:
    """Go both ways."""
    async with connect(url) as rtc:
        await create_read_update_delete(rtc)
        await run_a_cell(rtc)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
