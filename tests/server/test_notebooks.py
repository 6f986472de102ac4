"""Opening and closing a notebook in a real server changes no byte of its file, whatever notebook it is."""

from __future__ import annotations

import asyncio
import json
import warnings

import nbformat
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.datastore.notebooks import SHARED, notebooks

from .rig import Tab, eventually, running

OLDEST = "nbformat test2.ipynb"
"""A notebook of format 2, for which Jupyter has no schema; it converts it when it reads it."""

AT_ONCE = 20
"""How many documents are open at a time."""


@st.composite
def spelled_notebooks(draw):
    """Return the text of a notebook, as one program or another writes it."""
    spelling = {
        "indent": draw(st.sampled_from([1, 2, 4, None, "\t"])),
        "ensure_ascii": draw(st.booleans()),
        "sort_keys": draw(st.booleans()),
    }
    end = draw(st.sampled_from(["\n", "", "\n\n"]))
    return json.dumps(draw(notebooks()), **spelling) + end


def generated(count):
    found = []

    @settings(max_examples=count, database=None, phases=[Phase.generate], deadline=None)
    @given(spelled_notebooks())
    def collect(text):
        found.append(text)

    collect()
    return found


def test_opening_and_closing_generated_notebooks_changes_no_byte(tmp_path):
    texts = generated(25)
    asyncio.run(open_and_close_all(tmp_path, {f"{number}.ipynb": text.encode() for number, text in enumerate(texts)}))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_opening_and_closing_two_hundred_generated_notebooks_changes_no_byte(tmp_path):
    texts = generated(200)
    assert len(texts) == 200
    asyncio.run(open_and_close_all(tmp_path, {f"{number}.ipynb": text.encode() for number, text in enumerate(texts)}))


@pytest.mark.skipif(not SHARED.exists(), reason="../shared/notebooks is not here")
def test_opening_and_closing_real_notebooks_changes_no_byte(tmp_path):
    contents = {f"{path.parent.name} {path.name}": path.read_bytes() for path in sorted(SHARED.rglob("*.ipynb"))}
    shown = {}
    refused = asyncio.run(open_and_close_all(tmp_path, contents, all_open=False, shown=shown))
    valid = {name for name, content in contents.items() if is_valid(content)}
    assert len(valid) > 30
    assert not refused.keys() & (valid | {OLDEST})
    assert shown.keys() == contents.keys() - refused.keys()
    for name in valid | {OLDEST}:
        assert shown[name] == sources_as_jupyter_reads_them(contents[name]), name
    for name, (code, reason) in refused.items():
        assert code == 1003 and "errorReason" in reason, name


def is_valid(content):
    """Return whether Jupyter calls this a notebook, in the format in which it is."""
    try:
        nbformat.validate(json.loads(content))
    except (ValueError, nbformat.ValidationError, Warning):
        return False
    return True


def sources_as_jupyter_reads_them(content):
    """Return the cells' sources of a notebook of any format, converted to today's."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what old notebooks lack
        cells = nbformat.reads(content.decode(), as_version=4).cells
    return [cell.get("source", "") for cell in cells] or [""]


async def open_and_close_all(tmp_path, contents, all_open=True, shown=None):
    """Open every file, leave it, and wait until no room is left; return the close codes of those that did not open.

    What the cells of the others are shown to be goes into ``shown``.
    """
    refused = {}
    async with running(tmp_path, "--YDocExtension.document_cleanup_delay=0") as server:
        for name, content in contents.items():
            (server.root / name).write_bytes(content)
        before = {name: stamp(server.root / name) for name in contents}
        names = list(contents)
        for start in range(0, len(names), AT_ONCE):
            tabs = [Tab(server, name, "notebook", "ana") for name in names[start : start + AT_ONCE]]
            await asyncio.gather(*(tab.open() for tab in tabs))
            for tab in tabs:
                if tab.close_code is not None:
                    refused[tab.path] = tab.close_code, tab.close_reason
                elif tab.peer.synced:
                    assert len(tab.sources) == (len(cells_of(contents[tab.path])) or 1), tab.path
                    if shown is not None:
                        shown[tab.path] = tab.sources
                tab.hang_up()
        await eventually(server, lambda status: status["rooms"] == [])
        for name, content in contents.items():
            assert (server.root / name).read_bytes() == content, name
            assert stamp(server.root / name) == before[name], name
        assert await server.stop() == 0
        assert {name: (server.root / name).read_bytes() for name in contents} == contents
    assert not (all_open and refused), refused
    return refused


def cells_of(content):
    notebook = json.loads(content)
    if "worksheets" in notebook:
        return [cell for sheet in notebook["worksheets"] for cell in sheet["cells"]]
    return notebook.get("cells", [])


def stamp(path):
    found = path.stat()
    return found.st_mtime_ns, found.st_ino, found.st_size
