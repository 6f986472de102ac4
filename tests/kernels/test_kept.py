"""What stands behind a notebook's room."""

import asyncio

from jupyter_rtc.documents import SaveResult, SaveStatus
from jupyter_rtc.kernels.kept import NotebookKeeper

from .world import Notebook


class File:
    """A file's keeper that notes what it is asked."""

    def __init__(self, happened, fails=False):
        self.happened, self.fails = happened, fails

    async def load(self, document):
        self.happened.append("file loaded")
        if self.fails:
            raise ValueError

    async def save(self):
        return SaveResult(SaveStatus.SUCCESS)

    def holds(self):
        return "unsaved changes"

    async def close(self):
        self.happened.append("file closed")

    def status(self):
        return {"path": "a.ipynb"}


class Runs:
    """Who runs what is asked for in documents."""

    def __init__(self, happened):
        self.happened = happened

    def attach(self, document, *, restored):
        self.happened.append(f"attached {document.room}{', which has a past' if restored else ''}")

    def detach(self, document):
        self.happened.append(f"detached {document.room}")


def test_runs_are_asked_for_once_the_file_is_loaded_and_until_it_is_saved():
    async def story():
        happened, notebook = [], Notebook("1", room="json:notebook:x")
        keeper = NotebookKeeper(File(happened), Runs(happened))
        await keeper.load(notebook)
        await keeper.close()
        assert happened == [
            "file loaded",
            "attached json:notebook:x",
            "file closed",
            "detached json:notebook:x",
        ]

    asyncio.run(story())


def test_whether_a_document_had_a_past_is_told_as_it_was_before_the_file_was_loaded():
    async def story():
        happened, notebook = [], Notebook("1", room="json:notebook:x")
        notebook.restored = True
        await NotebookKeeper(File(happened), Runs(happened)).load(notebook)
        assert happened == ["file loaded", "attached json:notebook:x, which has a past"]

    asyncio.run(story())


def test_a_file_that_cannot_be_loaded_runs_nothing():
    async def story():
        happened = []
        keeper = NotebookKeeper(File(happened, fails=True), Runs(happened))
        try:
            await keeper.load(Notebook("1"))
        except ValueError:
            await keeper.close()
        assert happened == ["file loaded", "file closed"]

    asyncio.run(story())


def test_all_else_is_the_file_s():
    async def story():
        keeper = NotebookKeeper(File([]), Runs([]))
        assert (await keeper.save()).status is SaveStatus.SUCCESS
        assert keeper.holds() == "unsaved changes"
        assert keeper.status() == {"path": "a.ipynb"}

    asyncio.run(story())
