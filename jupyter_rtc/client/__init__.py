"""A Python client: notebooks, files, kernels and an application's own tables, edited and run beside people.

::

    async with connect("http://localhost:8888", token="…") as rtc:
        nb = await rtc.notebook("a.ipynb")
        run = await nb.cells[0].run()
        async for output in run:
            print(output)

It imports no part of the server. Whoever runs inside a server uses the same classes over ``in_process``.
"""

from __future__ import annotations

from .client import Client, connect

__all__ = ["Client", "connect"]
