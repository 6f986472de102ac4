"""Very much output: the room, the store and the client stay bounded, and the file has all of it."""

from __future__ import annotations

import asyncio
import json

import pytest
from pycrdt import Array, Map, Text

from jupyter_rtc.datastore.values import joined

from .rig import eventually, running, until
from .runs import Runner, code_notebook

LINES, PICTURE = 100_000, 20_000_000
CODE = (
    f"for n in range({LINES}): print(n, 'y' * 50)\n"
    f"display({{'text/plain': 'picture', 'image/png': 'A' * {PICTURE}}}, raw=True)"
)


MANY = 5000
TOO_LARGE = f"for n in range({MANY}): print(n)\ndisplay({{'text/plain': 'y' * {MANY}}}, raw=True)"


def test_what_is_left_out_and_pasted_into_another_notebook_is_whole_there_also_when_the_first_is_gone(tmp_path):
    async def story():
        limits = ("--JupyterRtc.max_shared_stream_bytes=1000", "--JupyterRtc.max_shared_output_bytes=1000")
        async with running(tmp_path, *limits, "--YDocExtension.document_cleanup_delay=0") as server:
            ana = await Runner.open_new(server, TOO_LARGE)
            await ana.run(0)
            await ana.ran(0)
            (server.root / "b.ipynb").write_text(json.dumps(code_notebook("# pasted")))
            bo = await Runner(server, "b.ipynb", "notebook", "bo").open()
            paste(ana, bo)
            stood_for = bo.contents()[0]["outputs"]
            assert all(len(str(one)) < 2000 for one in stood_for)
            ana.hang_up()
            await ana.request("DELETE", f"api/sessions/{ana.jupyter_session}")
            await eventually(server, lambda status: len(status["rooms"]) == 1)
            (server.root / "a.ipynb").unlink()

            def is_whole():
                outputs = bo.saved(0)["outputs"]
                return len(outputs) == 2 and (
                    joined(outputs[0]["text"]).split() == [str(n) for n in range(MANY)]
                    and joined(outputs[1]["data"]["text/plain"]) == "y" * MANY
                )

            await until(is_whole)
            bo.hang_up()
            await eventually(server, lambda status: not status["rooms"])
            await bo.open()
            assert bo.contents()[0]["outputs"] == stood_for
            bo.type_in_cell(0, "# ")
            await until(lambda: joined(bo.saved(0)["source"]).startswith("# # "))
            assert is_whole()

    asyncio.run(story())


def paste(source, target):
    """Copy the outputs of the first cell, as JupyterLab pastes a cell."""
    outputs = source.contents()[0]["outputs"]
    shared = [Map({**one, "text": Text(one["text"])} if one["output_type"] == "stream" else one) for one in outputs]
    with target.doc.transaction():
        target.doc.get("cells", type=Array)[0]["outputs"].extend(shared)
        target.doc.get("state", type=Map)["dirty"] = True


@pytest.mark.slow
def test_a_hundred_thousand_lines_and_a_picture_of_twenty_megabytes(tmp_path):
    async def story():
        async with running(tmp_path) as server:
            ana = await Runner.open_new(server, CODE)
            before = server.resident
            await ana.run(0)
            await ana.ran(0, 120)
            assert len(ana.doc.get_update()) < 4 * 2**20, "what a client holds is bounded"

            def complete():
                outputs = ana.saved(0)["outputs"]
                if len(outputs) != 2:
                    return False
                lines = joined(outputs[0]["text"]).splitlines()
                return [line.split()[0] for line in lines] == [str(n) for n in range(LINES)] and (
                    len(joined(outputs[1]["data"]["image/png"])) == PICTURE
                )

            await until(complete, 60)
            log = sum(path.stat().st_size for path in server.data.rglob("store-*.sqlite*"))
            assert log < 40 * 2**20, "so is the store, beside the outputs that were left aside"
            assert server.resident - before < 400 * 2**20

    asyncio.run(story())
