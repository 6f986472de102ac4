"""A contents manager with faults, for a server's ``contents_manager_class``.

While there is a file ``.faults`` in the root folder, what is done to a file fails in the way that its name tells:
``load-raises.ipynb`` cannot be read, the saving of ``save-hangs.txt`` never ends, what ``save-lies`` answers is
nonsense.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

SWITCH = ".faults"


class Injected(Exception):
    """What nobody expects of a contents manager."""


class FaultyContents(AsyncLargeFileManager):
    async def get(self, path, content=True, **options):
        if content:
            await self._fail("load", path)
        found = await super().get(path, content, **options)
        return {"nonsense": True} if content and self._fails("load-lies", path) else found

    async def save(self, model, path=""):
        await self._fail("save", path)
        saved = await super().save(model, path)
        return {"nonsense": True} if self._fails("save-lies", path) else saved

    async def _fail(self, what, path):
        if self._fails(f"{what}-raises", path):
            raise Injected(path)
        if self._fails(f"{what}-hangs", path):
            await asyncio.Event().wait()

    def _fails(self, how, path):
        return path.strip("/").startswith(how) and Path(self.root_dir, SWITCH).exists()
