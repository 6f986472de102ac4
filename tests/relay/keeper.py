"""What stands behind rooms in these tests."""

import asyncio

from pycrdt import Text

from jupyter_rtc.documents import SaveResult, SaveStatus


class StoredKeeper:
    """A keeper that fills a document and remembers what was asked of it."""

    def __init__(self, *, gate: asyncio.Event | None = None, fails: list[Exception] | None = None):
        self.gate, self.fails = gate, fails or []
        self.loads = self.saves = self.closes = 0
        self.reason: str | None = None

    async def load(self, document):
        self.loads += 1
        if self.gate:
            await self.gate.wait()
        if self.fails:
            raise self.fails.pop()
        if not document.restored:
            with document.edit("file"):
                document.ydoc.get("source", type=Text).insert(0, "from the file")

    async def save(self):
        self.saves += 1
        return SaveResult(SaveStatus.SUCCESS)

    def holds(self):
        return self.reason

    async def close(self):
        self.closes += 1

    def status(self):
        return {}
