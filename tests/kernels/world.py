"""What the tests of running share: documents in memory that count who holds them, and who has the kernels.

Whatever a story does, in the end every document was given back, no task is left, and no exception got lost.
"""

from __future__ import annotations

import asyncio
import gc
import time
from contextlib import asynccontextmanager, contextmanager

from pycrdt import Array, Map, Text

from jupyter_rtc.documents import Author
from jupyter_rtc.errors import DocumentMissing
from jupyter_rtc.ids import RoomId
from jupyter_rtc.kernels import records
from jupyter_rtc.kernels.kernels import Asker, Kernels, Wanted
from jupyter_rtc.kernels.surroundings import KernelSettings

from ..supernode.solo import Solo

ROOM = RoomId("json:notebook:1")
ENDED = ("ok", "error", "aborted")


async def until(condition, seconds=10.0, what="it"):
    """Return what the condition gives, as soon as that is something."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"{what} did not happen"
        await asyncio.sleep(0.005)
    return found


def has_tried_to_write(text, work):
    """Whether what a run has said was taken, and written if its cell is there."""
    return text in str(work.outputs.as_nbformat()) and not work._has_news


def shared_cell(cell_id, source, **fields):
    return Map(
        {
            "id": cell_id,
            "cell_type": "code",
            "source": Text(source),
            "metadata": Map({}),
            "outputs": Array([]),
            "execution_count": None,
            **fields,
        }
    )


class Notebook(Solo):
    """One shared notebook; its cells are named a, b, c …"""

    def __init__(self, *sources, room=ROOM):
        super().__init__(room)
        self.author = None
        self.caught_up = []
        with self.typing():
            self.cells.extend([shared_cell(chr(97 + at), source) for at, source in enumerate(sources)])

    def as_logged(self):
        """Return what a room that is opened anew has, if the log ends here."""
        fresh = Notebook(room=self.room)
        fresh.apply(self.ydoc.get_update(), "client")
        return fresh

    @property
    def cells(self):
        return self.ydoc.get("cells", type=Array)

    async def catch_up(self, username):
        self.caught_up.append(username)

    @contextmanager
    def typing_as(self, username="ana", may=True):
        """A person's change, who may execute or not."""

        async def allowed(action, resource):
            assert (action, resource) == ("execute", "kernels")
            return may

        self.author = Author(username, allowed)
        try:
            with self.typing():
                yield
        finally:
            self.author = None

    def cell(self, cell_id):
        return next(cell for cell in self.cells if cell["id"] == cell_id)

    def outputs(self, cell_id):
        return self.cell(cell_id)["outputs"].to_py()

    def text(self, cell_id):
        return "".join(one["text"] for one in self.outputs(cell_id) if one["output_type"] == "stream")

    def state(self, cell_id):
        return self.cell(cell_id).get("execution_state")

    def count(self, cell_id):
        return self.cell(cell_id).get("execution_count")

    @property
    def records(self):
        return {key: record.to_py() for key, record in records.executions(self.ydoc).items()}

    @property
    def questions(self):
        return {key: record.to_py() for key, record in records.inputs(self.ydoc).items()}

    def kernel_state(self, kernel_id):
        return self.ydoc.get(records.KERNELS, type=Map).get(kernel_id)

    def move_to_end(self, cell_id):
        """Move a cell as JupyterLab does: a copy comes, and the old one goes."""
        with self.typing():
            copy = self.remove(cell_id)
            self.cells.append(copy)

    def remove(self, cell_id):
        """Delete a cell; return a copy of it."""
        at = next(at for at, cell in enumerate(self.cells) if cell["id"] == cell_id)
        plain = self.cells[at].to_py()
        outputs = []
        for one in plain.pop("outputs"):
            text = {"text": Text(one["text"])} if one["output_type"] == "stream" else {}
            outputs.append(Map({**one, **text}))
        copy = Map({**plain, "source": Text(plain["source"]), "metadata": Map({}), "outputs": Array(outputs)})
        with self.typing():
            del self.cells[at]
        return copy


class Hold:
    """What one who opened a document has of it, until it is given back."""

    def __init__(self, shelf, notebook):
        self._shelf = shelf
        self._notebook = notebook
        self._is_open = True

    def __getattr__(self, name):
        return getattr(self._notebook, name)

    def edit(self, origin):
        assert self._is_open, "a document was changed after it was given back"
        return self._notebook.edit(origin)

    async def close(self):
        assert self._is_open, "a document was given back twice"
        self._is_open = False
        self._shelf.held[self._notebook.room] -= 1
        await asyncio.sleep(0)


class Shelf:
    """Implements ``documents.Documents``."""

    def __init__(self, *notebooks):
        self.notebooks = {notebook.room: notebook for notebook in notebooks}
        self.held = dict.fromkeys(self.notebooks, 0)
        self.opened = 0

    async def open(self, room):
        await asyncio.sleep(0)
        if room not in self.notebooks:
            raise DocumentMissing("There is no such notebook.")
        self.held[room] += 1
        self.opened += 1
        return Hold(self, self.notebooks[room])


class KernelsHere(dict):
    """As much of Jupyter Server's kernel manager as is used."""

    def get_kernel(self, kernel_id):
        return self[kernel_id]


class World:
    """One server's half that runs code, and what a story asks of it."""

    def __init__(self, *notebooks, aside=None, **settings):
        self.notebook = notebooks[0]
        self.documents = Shelf(*notebooks)
        self.here = KernelsHere()
        self.notices = []
        self.kernels = Kernels(
            self.here,
            self.documents,
            kernel_of=self._kernel_of,
            settings=KernelSettings(**{"gather": 0.001, "gather_max": 0.005, **settings}),
            aside=aside,
            announce=self.notices.append,
        )
        self.lost = []
        for notebook in notebooks:
            self.kernels.attach(notebook)

    async def _kernel_of(self, room):
        return "k" if "k" in self.here else None

    @property
    def kernel(self):
        """The part that serves the kernel ``k``."""
        return self.kernels.kernel("k")

    def open_anew(self, notebook):
        """Put this notebook in the place of one whose room was closed."""
        self.kernels.detach(self.notebook)
        self.notebook = self.documents.notebooks[notebook.room] = notebook
        self.kernels.attach(notebook)
        return notebook

    async def run(self, *cell_ids, user="ana", kernel="k", room=ROOM, options=None, **fields):
        """Ask for one batch; return its runs."""
        wanted = [Wanted(cell_id, **fields) for cell_id in cell_ids]
        return await self.kernels.run(kernel, room, wanted, Asker(user), options)

    async def run_code(self, code, user="ana", kernel="k", room=ROOM):
        (run,) = await self.kernels.run(kernel, room, [Wanted(code=code)], Asker(user))
        return run

    async def ran(self, *cell_ids, **fields):
        """Ask for one batch, and wait for its end."""
        runs = await self.run(*cell_ids, **fields)
        await self.ended(*runs)
        return [run.status.value for run in runs]

    async def ended(self, *runs, seconds=10.0):
        await until(lambda: all(run.status.ended for run in runs), seconds, f"the end of {[run.code for run in runs]}")

    async def given_back(self, seconds=10.0):
        await until(lambda: not any(self.documents.held.values()), seconds, "giving back documents")


@asynccontextmanager
async def world(*notebooks, aside=None, **settings):
    """Be a world, and look at its end that nothing of it is left."""
    here = World(*notebooks, aside=aside, **settings)
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: here.lost.append(context))
    before = asyncio.all_tasks()
    try:
        yield here
    finally:
        await here.kernels.close()
    notebooks = here.documents.notebooks.values()
    for notebook in notebooks:
        here.kernels.detach(notebook)
    assert not any(here.documents.held.values()), here.documents.held
    assert all(record["status"] in ENDED for one in notebooks for record in one.records.values())
    assert all(question["status"] != "waiting" for one in notebooks for question in one.questions.values())
    await until(lambda: not [task for task in asyncio.all_tasks() - before if "kernel" in task.get_name()], 2)
    gc.collect()
    assert here.lost == []
