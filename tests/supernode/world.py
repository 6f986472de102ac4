"""A folder, a contents manager, a clock that a test moves, and people who edit: what keepers are tested in."""

import asyncio
from contextlib import asynccontextmanager

from jupyter_server.services.contents.largefilemanager import LargeFileManager
from jupyter_server_fileid.manager import ArbitraryFileIdManager
from pycrdt import Map, Text

from jupyter_rtc.supernode.files import Files, FileSettings

from .solo import Past, Solo


class HandClock:
    """Time that passes when a test says so."""

    def __init__(self):
        self.time = 100.0
        self.sleepers = []

    def now(self):
        return self.time

    def wall(self):
        return self.time

    async def wait(self, event, until):
        woken = asyncio.ensure_future(event.wait())
        alarm = asyncio.get_running_loop().create_future()
        if until is not None:
            self.sleepers.append((until, alarm))
        try:
            if until is None or until > self.time:
                await asyncio.wait([woken, alarm], return_when=asyncio.FIRST_COMPLETED)
        finally:
            woken.cancel()
            alarm.cancel()
            self.sleepers = [pair for pair in self.sleepers if pair[1] is not alarm]

    async def go(self, seconds):
        """Let this much time pass, and all that is due happen in order."""
        end = self.time + seconds
        await turns()
        while due := [until for until, _ in self.sleepers if until <= end]:
            self.time = max(self.time, min(due))
            for until, alarm in self.sleepers:
                if until <= self.time and not alarm.done():
                    alarm.set_result(None)
            await turns()
        self.time = end
        await turns()


async def turns(count=60):
    """Let everything that can run now run."""
    for _ in range(count):
        await asyncio.sleep(0)


async def eventually(condition, patience=20.0):
    """Wait until this is so; for what happens on threads, in its own time."""
    async with asyncio.timeout(patience):
        while not condition():
            await asyncio.sleep(0.005)


class World:
    """One server's files."""

    def __init__(self, root, contents=None, settings=None, file_ids=None, *, events=False):
        self.root = root
        self.contents = contents or LargeFileManager(root_dir=str(root))
        self.settings = settings or FileSettings()
        self.file_ids = file_ids
        self.clock = HandClock()
        self.notices = []
        self.files = Files(
            self.contents,
            self.file_ids,
            self.contents.event_logger if events else None,
            settings=self.settings,
            announce=self.notices.append,
            clock=self.clock,
        )
        self.events = events

    async def open(self, path, past=None, kind=None):
        """Open a document; return its keeper and the document."""
        file_id, _ = await self.files.index(path)
        kind = kind or ("json:notebook" if path.endswith(".ipynb") else "text:file")
        room = f"{kind}:{file_id}"
        document = Solo(room, past or Past())
        keeper = self.files.keeper(room)
        await keeper.load(document)
        return keeper, document

    async def until(self, condition):
        """Let time pass until this is so; some of what happens meanwhile happens on threads."""
        async with asyncio.timeout(20):
            while not condition():
                await self.clock.go(1)
                await asyncio.sleep(0.002)

    def kinds(self):
        return [notice.kind.name for notice in self.notices]

    def write(self, path, text):
        (self.root / path).write_bytes(text.encode() if isinstance(text, str) else text)

    def read(self, path):
        return (self.root / path).read_bytes().decode()


@asynccontextmanager
async def world(root, *args, **kwargs):
    """A world that ends."""
    there = World(root, *args, **kwargs)
    try:
        if there.events:
            await there.files.start()
        yield there
    finally:
        await there.files.close()


def source(document):
    """The text of a text document."""
    return document.ydoc.get("source", type=Text)


def state(document):
    """What frontends are told of the file."""
    return document.ydoc.get("state", type=Map).to_py()


def type_in(document, text, at=0):
    """A person types into a text document, as JupyterLab does it."""
    with document.typing():
        source(document).insert(at, text)
        document.ydoc.get("state", type=Map)["dirty"] = True


def add_cell(document, text):
    """A person adds a cell to a notebook; return its source."""
    from pycrdt import Array

    cells = document.ydoc.get("cells", type=Array)
    with document.typing():
        cells.append(
            Map(
                {
                    "id": f"new-{len(cells)}",
                    "cell_type": "markdown",
                    "metadata": Map({}),
                    "source": Text(text),
                }
            )
        )


def index_of(root, kind=ArbitraryFileIdManager):
    """An index of the files of this folder."""
    return kind(root_dir=str(root), db_path=str(root / ".ids.db"))
