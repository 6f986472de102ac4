"""Reading a large notebook so that nobody else waits."""

import asyncio
import copy
import json

import nbformat
import pytest
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager, LargeFileManager
from nbformat.sign import MemorySignatureStore, NotebookNotary

from jupyter_rtc.errors import DocumentUnreadable
from jupyter_rtc.supernode import large_notebook
from jupyter_rtc.supernode.contents import Contents, FileType
from jupyter_rtc.supernode.large_notebook import LargeNotebooks

from .managers import InMemory, Paired

NOTEBOOK = FileType("notebook", None)


@pytest.fixture(params=[LargeFileManager, AsyncLargeFileManager])
def manager(request, tmp_path):
    made = request.param(root_dir=str(tmp_path))
    made.notary = NotebookNotary(store_factory=MemorySignatureStore, secret=b"secret")
    return made


@pytest.fixture(autouse=True)
def _all_are_large(monkeypatch):
    monkeypatch.setattr("jupyter_rtc.supernode.contents.LARGE", 0)


def notebook(minor=5):
    image = {"image/png": ["aGk=\n", "aGk="], "application/json": ["a", "b"], "text/plain": "x"}
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": ["one\n", "two ß 🐍"]},
        {"output_type": "display_data", "data": image, "metadata": {}},
        {"output_type": "error", "ename": "E", "evalue": "", "traceback": ["a", "b"]},
    ]
    cells = [
        {"cell_type": "code", "metadata": {"trusted": False}, "source": ["1\n", "2"], "outputs": outputs},
        {"cell_type": "markdown", "metadata": {}, "source": "# t", "attachments": {"a.png": image}},
    ]
    for number, cell in enumerate(cells):
        cell |= {"id": f"c{number}"} if minor == 5 else {}
    cells[0]["execution_count"] = 3
    metadata = {"orig_nbformat": 2, "signature": "old", "kernelspec": {"name": "p", "display_name": "P"}}
    return {"nbformat": 4, "nbformat_minor": minor, "metadata": metadata, "cells": cells}


def wait(call):
    return asyncio.run(call)


def as_always(manager):
    contents = Contents(manager)
    contents._large.possible = False
    return wait(contents.read("a.ipynb", NOTEBOOK))


@pytest.mark.parametrize("minor", [2, 4, 5])
def test_it_is_what_the_contents_manager_gives(tmp_path, manager, minor):
    (tmp_path / "a.ipynb").write_text(json.dumps(notebook(minor), ensure_ascii=False), encoding="utf-8")
    contents = Contents(manager)
    assert contents._large.possible
    found, expected = wait(contents.read("a.ipynb", NOTEBOOK)), as_always(manager)
    assert not isinstance(found.content, nbformat.NotebookNode), "it was read here"
    assert found.content == expected.content
    assert found.sight == expected.sight and found.sight.hash
    assert found.spelling == expected.spelling


def test_trust_is_looked_up_in_the_notary_s_store(tmp_path, manager):
    (tmp_path / "a.ipynb").write_text(json.dumps(notebook()))
    assert wait(Contents(manager).read("a.ipynb", NOTEBOOK)).content["cells"][0]["metadata"]["trusted"] is False
    signed = nbformat.from_dict(copy.deepcopy(as_always(manager).content))
    for cell in signed.cells:
        cell.metadata.pop("trusted", None)
    manager.notary.sign(signed)
    assert as_always(manager).content["cells"][0]["metadata"]["trusted"] is True
    assert wait(Contents(manager).read("a.ipynb", NOTEBOOK)).content["cells"][0]["metadata"]["trusted"] is True


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": []}),
        json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"source": "x"}]}),
    ],
)
def test_what_is_not_a_sound_notebook_of_the_current_format_is_read_as_always(tmp_path, manager, text):
    (tmp_path / "a.ipynb").write_text(text)
    try:
        expected = as_always(manager).content
    except DocumentUnreadable as error:
        with pytest.raises(DocumentUnreadable, match=str(error)[:20]):
            wait(Contents(manager).read("a.ipynb", NOTEBOOK))
    else:
        assert wait(Contents(manager).read("a.ipynb", NOTEBOOK)).content == expected


@pytest.mark.parametrize("text", ["{", "no notebook at all", "[" * 100_000, "[1, 2]", "{}"])
def test_what_is_no_notebook_is_refused_in_the_same_words(tmp_path, manager, text):
    (tmp_path / "a.ipynb").write_text(text)
    words = []
    for read in (lambda: wait(Contents(manager).read("a.ipynb", NOTEBOOK)), lambda: as_always(manager)):
        with pytest.raises(DocumentUnreadable) as caught:
            read()
        words.append(str(caught.value))
    assert words[0] == words[1]


def test_whoever_does_a_step_in_a_way_of_their_own_is_asked(tmp_path):
    class OwnNotary(NotebookNotary):
        def check_signature(self, nb):
            return True

    class OwnTrust(LargeFileManager):
        def mark_trusted_cells(self, nb, path=""):
            pass

    plain = LargeFileManager(root_dir=str(tmp_path))
    assert LargeNotebooks(plain).possible
    plain.notary = OwnNotary(store_factory=MemorySignatureStore, secret=b"x")
    assert not LargeNotebooks(plain).possible
    assert not LargeNotebooks(OwnTrust(root_dir=str(tmp_path))).possible
    assert not LargeNotebooks(Paired(root_dir=str(tmp_path))).possible
    assert not LargeNotebooks(InMemory()).possible


def test_parsing_hashing_and_signing_are_not_done_by_the_loop(tmp_path, manager, monkeypatch):
    import threading

    (tmp_path / "a.ipynb").write_text(json.dumps(notebook()))
    where = []
    parse = large_notebook.parse_piecewise
    monkeypatch.setattr(
        large_notebook, "parse_piecewise", lambda text: where.append(threading.current_thread()) or parse(text)
    )
    wait(Contents(manager).read("a.ipynb", NOTEBOOK))
    assert where and threading.main_thread() not in where
