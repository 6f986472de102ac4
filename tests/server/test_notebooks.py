"""Opening and closing a notebook in a real server changes no byte of its file, whatever notebook it is."""

from __future__ import annotations

import asyncio
import json

import nbformat
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.datastore.notebooks import SHARED, notebooks

from .rig import Tab, eventually, running

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
    refused = asyncio.run(open_and_close_all(tmp_path, contents, all_open=False))
    valid = {name for name, content in contents.items() if is_valid(content)}
    assert len(valid) > 30
    assert not refused.keys() & valid
    for name, (code, reason) in refused.items():
        assert code == 1003 and "errorReason" in reason, name


def is_valid(content):
    """Return whether Jupyter calls this a notebook, in the format in which it is."""
    try:
        nbformat.validate(json.loads(content))
    except (ValueError, nbformat.ValidationError, Warning):
        return False
    return True


async def open_and_close_all(tmp_path, contents, all_open=True):
    """Open every file, leave it, and wait until no room is left; return the close codes of those that did not open."""
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
