"""The client's guide: its code is run, from the first block to the last, at a real server."""

from __future__ import annotations

import ast
import asyncio
import inspect
import json
import re
from pathlib import Path

from .rig import TOKEN, running
from .runs import code_notebook

GUIDE = (Path(__file__).parents[2] / "docs" / "client.md").read_text()


def test_all_code_of_the_guide_runs(tmp_path):
    blocks = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)

    async def story():
        async with running(tmp_path) as server:
            (server.root / "guide.ipynb").write_text(json.dumps(code_notebook("1", "2")))
            names = {"url": server.url(""), "token": TOKEN}
            for block in blocks:
                code = compile(block, "docs/client.md", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
                waits = eval(code, names)
                if inspect.isawaitable(waits):
                    async with asyncio.timeout(60):
                        await waits
            assert names["status"] in ("ok", "error"), "the last block came to its end"

    assert len(blocks) >= 8
    asyncio.run(story())
