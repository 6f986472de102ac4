"""Files as contents managers give and take them."""

import asyncio
import json

import nbformat
import pytest
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager, LargeFileManager
from nbformat.sign import MemorySignatureStore
from tornado.web import HTTPError

from jupyter_rtc.datastore.style import TextStyle
from jupyter_rtc.errors import DocumentMissing, DocumentUnavailable, DocumentUnreadable
from jupyter_rtc.supernode.contents import Contents, FileType, Spelling

from .managers import InMemory, Old, Paired, Sizing

TEXT, BYTES, NOTEBOOK = FileType("file", "text"), FileType("file", "base64"), FileType("notebook", None)
OWN_STYLE = json.dumps(
    {
        "nbformat": 4,
        "metadata": {"z": 1, "a": 2},
        "nbformat_minor": 5,
        "cells": [{"metadata": {}, "id": "a", "cell_type": "markdown", "source": "one line"}],
    },
    indent=4,
)


@pytest.fixture(params=[LargeFileManager, AsyncLargeFileManager])
def manager(request, tmp_path):
    return request.param(root_dir=str(tmp_path))


def plain_notebook(**metadata):
    cells = [nbformat.v4.new_code_cell("1", id="a")]
    return nbformat.writes(nbformat.v4.new_notebook(cells=cells, metadata=metadata)) + "\n"


def wait(call):
    return asyncio.run(call)


@pytest.mark.parametrize(
    ("kind", "form", "asked"),
    [
        ("notebook", "json", NOTEBOOK),
        ("file", "text", TEXT),
        ("unicode", "text", TEXT),
        ("blob", "base64", BYTES),
        ("somebody's", "json", TEXT),
    ],
)
def test_a_document_s_type_says_how_its_file_is_asked_for(kind, form, asked):
    assert FileType.of(kind, form) == asked


def test_a_text_is_read_with_unix_line_ends_and_written_with_its_own(tmp_path, manager):
    (tmp_path / "a.txt").write_bytes(b"one\r\ntwo\r\n")
    contents = Contents(manager)
    found = wait(contents.read("a.txt", TEXT))
    assert found.content == "one\ntwo\n"
    assert found.spelling.text == TextStyle.of("one\r\ntwo\r\n")
    wait(contents.write("a.txt", TEXT, "one\ntwo\nthree\n", found.spelling))
    assert (tmp_path / "a.txt").read_bytes() == b"one\r\ntwo\r\nthree\r\n"


def test_bytes_are_read_and_written_as_they_are(tmp_path, manager):
    (tmp_path / "a.bin").write_bytes(bytes(range(256)))
    contents = Contents(manager)
    assert wait(contents.read("a.bin", BYTES)).content == bytes(range(256))
    wait(contents.write("a.bin", BYTES, b"\xff\x00", Spelling()))
    assert (tmp_path / "a.bin").read_bytes() == b"\xff\x00"


def test_two_looks_at_the_same_file_see_the_same_and_a_change_is_seen(tmp_path, manager):
    (tmp_path / "a.txt").write_text("one")
    contents = Contents(manager)
    first, second = (wait(contents.look("a.txt", TEXT)) for _ in range(2))
    assert first == second
    assert first.hash
    assert first.writable
    (tmp_path / "a.txt").write_text("two")
    assert wait(contents.look("a.txt", TEXT)).fingerprint != first.fingerprint


def test_a_cheap_look_does_without_the_hash(tmp_path, manager):
    (tmp_path / "a.txt").write_text("one")
    sight = wait(Contents(manager).look("a.txt", TEXT, hashed=False))
    assert sight.hash == ""
    assert sight.fingerprint == sight.stamp


def test_a_notebook_as_jupyter_writes_it_is_written_as_jupyter_writes_it(tmp_path, manager):
    (tmp_path / "n.ipynb").write_text(plain_notebook())
    contents = Contents(manager)
    found = wait(contents.read("n.ipynb", NOTEBOOK))
    found.content["metadata"]["new"] = 1
    assert wait(contents.write("n.ipynb", NOTEBOOK, found.content, found.spelling)).spelling.plain
    assert (tmp_path / "n.ipynb").read_text() == plain_notebook(new=1)


def test_a_notebook_in_a_style_of_its_own_keeps_it(tmp_path, manager):
    (tmp_path / "n.ipynb").write_text(OWN_STYLE)
    contents = Contents(manager)
    found = wait(contents.read("n.ipynb", NOTEBOOK))
    found.content["cells"][0]["source"] = "another line"
    written = wait(contents.write("n.ipynb", NOTEBOOK, found.content, found.spelling))
    assert written.spelling.plain is False
    assert (tmp_path / "n.ipynb").read_text() == OWN_STYLE.replace("one line", "another line")
    found.content["cells"][0]["source"] = "a third line"
    assert wait(contents.write("n.ipynb", NOTEBOOK, found.content, written.spelling)).spelling.plain is False
    assert (tmp_path / "n.ipynb").read_text() == OWN_STYLE.replace("one line", "a third line")


def test_a_notebook_in_a_style_of_its_own_stays_trusted(tmp_path, manager):
    notebook = json.loads(plain_notebook())
    notebook["cells"][0]["outputs"] = [
        {"output_type": "display_data", "data": {"text/html": "<b>x</b>"}, "metadata": {}}
    ]
    manager.notary.store = MemorySignatureStore()
    (tmp_path / "n.ipynb").write_text(json.dumps(notebook, indent=4))
    contents = Contents(manager)
    found = wait(contents.read("n.ipynb", NOTEBOOK))
    assert found.content["cells"][0]["metadata"]["trusted"] is False
    found.content["cells"][0]["metadata"]["trusted"] = True
    wait(contents.write("n.ipynb", NOTEBOOK, found.content, found.spelling))
    assert "trusted" not in (tmp_path / "n.ipynb").read_text()
    assert wait(contents.read("n.ipynb", NOTEBOOK)).content["cells"][0]["metadata"]["trusted"] is True


def test_a_hook_sees_a_notebook_whatever_its_style_and_what_it_changed_is_known(tmp_path, manager):
    seen = []

    def strip(model, path, contents_manager, **kwargs):
        seen.append(model["type"])
        model["content"]["cells"][0]["source"] = "by the hook"

    (tmp_path / "n.ipynb").write_text(OWN_STYLE)
    manager.register_pre_save_hook(strip)
    contents = Contents(manager)
    found = wait(contents.read("n.ipynb", NOTEBOOK))
    kept = wait(contents.write("n.ipynb", NOTEBOOK, found.content, found.spelling)).content
    assert seen == ["notebook"]
    assert kept["cells"][0]["source"] == "by the hook"


@pytest.mark.parametrize("text", ["", "  \n"])
def test_a_file_without_text_is_an_empty_notebook(tmp_path, manager, text):
    (tmp_path / "n.ipynb").write_text(text)
    found = wait(Contents(manager).read("n.ipynb", NOTEBOOK))
    assert found.content["cells"] == []
    nbformat.validate(found.content)


@pytest.mark.parametrize("version", [2, 3])
def test_notebooks_of_old_formats_are_read_in_the_current_one(tmp_path, manager, version):
    old = nbformat.convert(nbformat.reads(plain_notebook(), 4), version)
    (tmp_path / "n.ipynb").write_text(nbformat.writes(old, version))
    found = wait(Contents(manager).read("n.ipynb", NOTEBOOK))
    assert found.content["nbformat"] == 4
    contents = Contents(manager)
    assert wait(contents.write("n.ipynb", NOTEBOOK, found.content, found.spelling)).spelling.plain
    assert json.loads((tmp_path / "n.ipynb").read_text())["nbformat"] == 4


@pytest.mark.parametrize("name", ["plain", "own"])
def test_what_was_written_is_read_back_as_it_was(tmp_path, manager, name):
    (tmp_path / "n.ipynb").write_text({"plain": plain_notebook(), "own": OWN_STYLE}[name])
    contents = Contents(manager)
    found, back = (wait(call("n.ipynb", NOTEBOOK)) for call in (contents.read, contents.read_back))
    assert [cell["id"] for cell in back.content["cells"]] == [cell["id"] for cell in found.content["cells"]]
    assert back.sight == found.sight


@pytest.mark.parametrize(
    ("act", "error"),
    [
        (lambda c: c.look("missing.txt", TEXT), DocumentMissing),
        (lambda c: c.read("missing.ipynb", NOTEBOOK), DocumentMissing),
        (lambda c: c.read("latin.txt", TEXT), DocumentUnreadable),
        (lambda c: c.read("latin.txt", NOTEBOOK), DocumentUnreadable),
        (lambda c: c.read("folder", NOTEBOOK), DocumentUnreadable),
        (lambda c: c.write("missing/folder.txt", TEXT, "x", Spelling()), DocumentUnavailable),
    ],
)
def test_what_cannot_be_done_is_an_error_in_words_without_a_machine_path(tmp_path, manager, act, error):
    (tmp_path / "latin.txt").write_bytes("é".encode("latin-1"))
    (tmp_path / "folder").mkdir()
    with pytest.raises(error) as caught:
        wait(act(Contents(manager)))
    assert str(tmp_path) not in caught.value.words


def test_a_storage_that_does_not_answer_is_not_waited_for():
    class Hanging(InMemory):
        async def get(self, *args, **kwargs):
            await asyncio.Event().wait()

    with pytest.raises(DocumentUnavailable, match="has not answered"):
        wait(Contents(Hanging(), timeout=0.01).look("a.txt", TEXT))


def test_one_without_hashes_is_judged_by_time_and_size(tmp_path):
    (tmp_path / "a.txt").write_text("one")
    sight = wait(Contents(Old(root_dir=str(tmp_path))).look("a.txt", TEXT))
    assert sight.hash == ""
    assert sight.fingerprint


def test_one_without_files_and_texts_keeps_notebooks_its_own_way():
    manager = InMemory()
    manager.put("n", nbformat.v4.new_notebook(), "notebook")
    contents = Contents(manager)
    found = wait(contents.read("n", NOTEBOOK))
    assert found.spelling.plain
    found.content["metadata"]["x"] = 1
    wait(contents.write("n", NOTEBOOK, found.content, found.spelling))
    assert wait(contents.read_back("n", NOTEBOOK)).content["metadata"] == {"x": 1}


def test_a_script_that_is_given_as_a_notebook_is_written_as_one(tmp_path):
    (tmp_path / "s.py").write_text("a = 1\n\nb = 2")
    contents = Contents(Paired(root_dir=str(tmp_path)))
    found = wait(contents.read("s.py", NOTEBOOK))
    assert found.spelling.plain
    found.content["cells"][0]["source"] = "a = 3"
    wait(contents.write("s.py", NOTEBOOK, found.content, found.spelling))
    assert (tmp_path / "s.py").read_text() == "a = 3\n\nb = 2"


def test_a_refused_write_says_what_whoever_refused_it_said(tmp_path, manager):
    def refuse(model, path, contents_manager, **kwargs):
        raise HTTPError(507, "Over quota, ask Ada")

    manager.register_pre_save_hook(refuse)
    with pytest.raises(DocumentUnavailable, match="Over quota, ask Ada"):
        wait(Contents(manager).write("a.txt", TEXT, "x", Spelling()))


@pytest.mark.parametrize("act", [Contents.read, Contents.read_back])
def test_what_was_read_looks_as_it_does_when_it_is_only_looked_at(act):
    async def run():
        manager = Sizing()
        manager.put("a.txt", "one\n", "file")
        contents = Contents(manager)
        found = await act(contents, "a.txt", TEXT)
        assert found.sight.fingerprint == (await contents.look("a.txt", TEXT)).fingerprint

    asyncio.run(run())


def test_what_is_written_while_it_is_read_does_not_look_as_what_was_read():
    class Busy(InMemory):
        def get(self, path, content=True, type=None, format=None):
            model = super().get(path, content, type, format)
            if content and self.saves == 0:
                self.saves = 1
                self.put(path, "two\n", "file")
            return model

    async def run():
        manager = Busy()
        manager.put("a.txt", "one\n", "file")
        contents = Contents(manager)
        found = await contents.read("a.txt", TEXT)
        assert found.content == "two\n"
        assert found.sight == await contents.look("a.txt", TEXT)

    asyncio.run(run())


class Wilful(LargeFileManager):
    """One that gives a file in the format, and as what, it thinks best."""

    def get(self, path, content=True, type=None, format=None):
        return super().get(path, content)


def test_bytes_that_are_given_in_another_format_than_was_asked_for_are_no_text(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(DocumentUnreadable, match="not UTF-8 text"):
        wait(Contents(Wilful(root_dir=str(tmp_path))).read("a.txt", TEXT))


def test_a_text_that_is_given_in_another_format_than_was_asked_for_is_its_bytes(tmp_path):
    (tmp_path / "a.bin").write_bytes("é".encode())
    assert wait(Contents(Wilful(root_dir=str(tmp_path))).read("a.bin", BYTES)).content == "é".encode()


def test_a_folder_that_is_given_for_a_file_is_none(tmp_path):
    (tmp_path / "a.txt").mkdir()
    with pytest.raises(DocumentUnreadable, match="not a file"):
        wait(Contents(Wilful(root_dir=str(tmp_path))).read("a.txt", TEXT))


class Frank(InMemory):
    """One that keeps notebooks as texts, and raises what nbformat raises."""

    def get(self, path, content=True, type=None, format=None):
        model = super().get(path, content)
        if content and type == "notebook":
            return {**model, "type": type, "content": nbformat.reads(model["content"], 4)}
        return {**model, "type": type}


@pytest.mark.parametrize(
    ("text", "words"),
    [("<<<<<<< HEAD\n", "conflict marks"), ('{"a": 1}', "no notebook format"), ('{"nbformat": 9}', "version 9")],
)
def test_what_nbformat_says_of_a_file_is_told_as_where_a_contents_manager_makes_a_status_of_it(text, words):
    manager = Frank()
    manager.put("n.ipynb", text, "file")
    with pytest.raises(DocumentUnreadable, match=words):
        wait(Contents(manager).read("n.ipynb", NOTEBOOK))


def test_a_file_without_text_is_an_empty_notebook_also_where_nbformat_speaks():
    manager = Frank()
    manager.put("n.ipynb", "", "file")
    assert wait(Contents(manager).read("n.ipynb", NOTEBOOK)).content["cells"] == []
